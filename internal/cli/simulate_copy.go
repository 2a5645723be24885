package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cimwatch/cimwatch/simulator"
)

// copyModel writes the MOF files of the built-in model to a folder, which is made where it is
// not there. Nothing is overwritten.
func copyModel(folder string) error {
	files, err := simulator.Files()
	if err != nil {
		return err
	}
	names, err := fs.Glob(files, "*.mof")
	if err != nil {
		return err
	}
	for _, name := range names {
		target := filepath.Join(folder, name)
		if _, err := os.Lstat(target); err == nil {
			return withHint(fmt.Errorf("copy the model: %s is there already", target), "name another folder; nothing was written")
		}
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("copy the model: %w", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), text, 0o666)
		}
		if err != nil {
			return fmt.Errorf("copy the model: %w", err)
		}
	}
	return nil
}

package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/store"
)

func newStoreCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Check, compact, back up and restore the file of journal and inventory",
		Long: `store looks after the FILE in which a daemon keeps its journal, inventory and history. A daemon that runs has
its file for itself: it is backed up with --address; the other commands are for when it is stopped.`,
	}
	cmd.AddCommand(
		newStoreCheckCommand(env),
		newStoreCompactCommand(env),
		newStoreBackupCommand(env),
		newStoreRestoreCommand(env),
	)
	return cmd
}

// storeFlags name the file.
type storeFlags struct{ db string }

func addStoreFlags(cmd *cobra.Command) *storeFlags {
	f := &storeFlags{}
	cmd.Flags().StringVar(&f.db, "db", "", "store `file` ($"+envDatabase+")")
	return f
}

// file returns the file that the flag or the environment names.
func (f *storeFlags) file(env *Env) (string, error) {
	if f.db != "" {
		return f.db, nil
	}
	if db := env.getenv(envDatabase); db != "" {
		return db, nil
	}
	return "", withHint(usage(errors.New("no store is named")), "give --db FILE")
}

// storeHint adds to the errors of the store in a file what can be done about them here.
func storeHint(err error, file, locked string) error {
	switch {
	case errors.Is(err, store.ErrLocked):
		return withHint(err, locked)
	case isDamage(err, file):
		return withHint(err, fmt.Sprintf("list all that is wrong with \"cimwatch store check --db %s\"; "+
			"keep what can be read with \"cimwatch store restore %s --salvage --db NEW\"", shellWord(file), shellWord(file)))
	default:
		return err
	}
}

// isDamage reports whether an error is that of a store that is damaged, so that its file may not
// even be known for one.
func isDamage(err error, file string) bool {
	switch {
	case errors.Is(err, store.ErrDamaged):
		return true
	case !errors.Is(err, store.ErrFormat):
		return false
	case strings.Contains(err.Error(), "it was cut"):
		return true
	}
	// What bbolt says of first pages that it cannot use. What it can use may be of another program.
	return looksLikeStore(file) && slices.ContainsFunc([]string{"invalid database", "version mismatch", "checksum error"},
		func(said string) bool { return strings.HasSuffix(err.Error(), said) })
}

// looksLikeStore reports whether a file without a first page that can be used may be a store: it
// has whole pages, or the intake of one beside it.
func looksLikeStore(file string) bool {
	const page = 4096
	if _, err := os.Stat(file + ".intake"); err == nil {
		return true
	}
	info, err := os.Stat(file)
	return err == nil && info.Size() >= 2*page && info.Size()%page == 0
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/store"
)

// salvagedStore is what was left of a damaged file.
type salvagedStore struct {
	savedStore
	Lost        []storeFinding `json:"lost"`
	More        int            `json:"more,omitempty"`
	LostEntries uint64         `json:"lost_entries"`
	Strays      int            `json:"strays"`
}

// restoreOptions say what becomes of a file that is there, and of a damaged backup.
type restoreOptions struct{ force, salvage bool }

func newStoreRestoreCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Make a file of a backup, or of what can be read of a damaged one",
		Long: `restore checks BACKUP and makes a store's FILE of it. One that is there is replaced with --force only, and never
while a daemon has it open. Whatever happens meanwhile, there is the old file or the new one, whole. BACKUP may be
any file of a store that was stopped, or was copied with its intake after a crash, also one packed by gzip. It is read
from standard input where it is -. These are unpacked beside the file that is made, which needs the room for both.

With --salvage BACKUP may be damaged: every record that can be read is kept, and what is lost is listed.`,
		Example: `  cimwatch store restore backup.db --db cimwatch.db --force
  gpg --decrypt backup.db.gz.gpg | cimwatch store restore - --db cimwatch.db
  cimwatch store restore damaged.db --salvage --db cimwatch.db`,
		Args: arguments("BACKUP"),
	}
	var o restoreOptions
	to := addStoreFlags(cmd)
	cmd.Flags().BoolVar(&o.force, "force", false, "replace a file that is there")
	cmd.Flags().BoolVar(&o.salvage, "salvage", false, "keep what can be read of a damaged backup, and list what is lost")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file, err := to.file(env)
		if err != nil {
			return err
		}
		restored, err := o.restoreAny(cmd.Context(), env, args[0], file)
		if errors.Is(err, store.ErrExists) {
			return withHint(err, "replace it with --force, or give another file with --db")
		}
		if err != nil {
			return err
		}
		return env.print(output, restored)
	}
	return cmd
}

// restoreAny restores a backup that may be packed.
func (o restoreOptions) restoreAny(ctx context.Context, env *Env, backup, file string) (_ result, err error) {
	if _, err := os.Lstat(file); err == nil && !o.force {
		return nil, fmt.Errorf("restore store: %w: %s", store.ErrExists, file) // before anything is unpacked
	}
	u, err := unpack(ctx, env, backup, file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, u.remove()) }()
	restored, err := o.restore(ctx, u.file, file)
	if u.name == "" {
		return restored, storeHint(err, backup, "stop the daemon that has it open first")
	}
	return restored, u.explain(err)
}

func (o restoreOptions) restore(ctx context.Context, backup, file string) (result, error) {
	if !o.salvage {
		report, err := store.Restore(ctx, backup, file, o.force)
		if err != nil {
			return nil, err
		}
		return newSavedStore(file, report), nil
	}
	salvaged, err := store.Salvage(ctx, backup, file, o.force)
	if err != nil {
		return nil, err
	}
	s := salvagedStore{
		savedStore: newSavedStore(file, salvaged.Report), Lost: []storeFinding{}, More: salvaged.More,
		LostEntries: salvaged.LostEntries, Strays: salvaged.Strays,
	}
	for _, f := range salvaged.Lost {
		s.Lost = append(s.Lost, storeFinding(f))
	}
	return s, nil
}

// WriteText writes a line for each thing that is lost, and what there is.
func (s salvagedStore) WriteText(w io.Writer, color bool) error {
	for _, f := range s.Lost {
		if _, err := fmt.Fprintf(w, "lost: %s: %s\n", f.Part, oneLine(f.Problem)); err != nil {
			return err
		}
	}
	if s.More > 0 {
		if _, err := fmt.Fprintf(w, "and %d more\n", s.More); err != nil {
			return err
		}
	}
	if s.LostEntries > 0 || s.Strays > 0 {
		_, err := fmt.Fprintf(w, "lost: %s of the journal; %s found where nothing led to them\n",
			counted(int(s.LostEntries), "indication"), counted(s.Strays, "record"))
		if err != nil {
			return err
		}
	}
	return s.savedStore.WriteText(w, color)
}

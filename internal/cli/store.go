package cli

import (
	"errors"
	"fmt"

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
	case isDamage(err):
		return withHint(err, fmt.Sprintf("list all that is wrong with \"cimwatch store check --db %s\"; "+
			"keep what can be read with \"cimwatch store restore %s --salvage --db NEW\"", shellWord(file), shellWord(file)))
	default:
		return err
	}
}

// isDamage says whether a file is a store's, and damaged.
func isDamage(err error) bool {
	return errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrCut) || errors.Is(err, store.ErrFirstPages)
}

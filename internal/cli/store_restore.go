package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/store"
)

func newStoreRestoreCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Make a file of a backup",
		Long: `restore checks BACKUP and makes a store's FILE of it. One that is there is replaced with --force only, and never
while a daemon has it open. Whatever happens meanwhile, there is the old file or the new one, whole. BACKUP may be
any file of a store that was stopped, or was copied with its intake after a crash.`,
		Example: `  cimwatch store restore backup.db --db cimwatch.db --force`,
		Args:    arguments("BACKUP"),
	}
	to := addStoreFlags(cmd)
	force := cmd.Flags().Bool("force", false, "replace a file that is there")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file, err := to.file(env)
		if err != nil {
			return err
		}
		report, err := store.Restore(cmd.Context(), args[0], file, *force)
		if errors.Is(err, store.ErrExists) {
			return withHint(err, "replace it with --force, or give another file with --db")
		}
		if err != nil {
			return storeHint(err, "stop the daemon that has it open first")
		}
		return env.print(output, newSavedStore(file, report))
	}
	return cmd
}

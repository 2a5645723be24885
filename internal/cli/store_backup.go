package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// savedStore is a backup that was made, or a store that was made of one.
type savedStore struct {
	File    string       `json:"file"`
	Format  int          `json:"format"`
	Bytes   int64        `json:"bytes"`
	Records storeRecords `json:"records"`
}

// backupOptions say of what a backup is made.
type backupOptions struct {
	*daemonFlags
	store *storeFlags
}

func newStoreBackupCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Back up a file, or the store of a running daemon",
		Long: `backup writes a copy of a store as it is at one moment to FILE, or to standard output where FILE is -. The copy
is checked, record for record, before it gets its name or anything goes out. With --address it is of a running
daemon, which goes on meanwhile: its configuration must have metrics.backup, and asks for an account.

A backup holds all that the store does: keep it as you keep that. It holds the secret of the listener's paths.`,
		Example: `  cimwatch store backup --db cimwatch.db backup.db
  cimwatch store backup --address https://cimwatch.example.com:9720 \
    --daemon-user ops --daemon-password-file ops.password --daemon-ca ca.pem backup.db`,
		Args: arguments("FILE"),
	}
	o := &backupOptions{addDaemonFlags(cmd), addStoreFlags(cmd)}
	cmd.Flags().StringVarP(&o.user, "user", "u", "", "the same as --daemon-user")
	cmd.Flags().StringVar(&o.passwordFile, "password-file", "", "the same as --daemon-password-file")
	cmd.MarkFlagsMutuallyExclusive("db", "address")
	cmd.MarkFlagsMutuallyExclusive("db", "user")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] == stdFile {
			return o.pipe(cmd.Context(), env)
		}
		report, err := o.save(cmd.Context(), env, args[0])
		if errors.Is(err, store.ErrExists) {
			return withHint(err, "give a file that is not there")
		}
		if err != nil {
			return err
		}
		return env.print(output, newSavedStore(args[0], report))
	}
	return cmd
}

// stdFile is the name of standard output.
const stdFile = "-"

// save makes the backup in a file.
func (o *backupOptions) save(ctx context.Context, env *Env, to string) (*store.Report, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.address != "" {
		return o.fetch(ctx, env, to)
	}
	file, err := o.store.file(env)
	if err != nil {
		return nil, err
	}
	report, err := store.BackupFile(ctx, file, to)
	if err != nil {
		return nil, storeHint(err, file, openHint)
	}
	return report, nil
}

// fetch makes the backup of a daemon.
func (o *backupOptions) fetch(ctx context.Context, env *Env, to string) (*store.Report, error) {
	client, err := o.client(ctx, env)
	if err != nil {
		return nil, err
	}
	report, err := store.SaveBackup(ctx, to, func(w io.Writer) error { return client.Backup(ctx, w) })
	switch {
	case errors.Is(err, web.ErrNotFound):
		err = withHint(errors.New("this daemon serves no backups"), "set metrics.backup in its configuration, which needs a metrics.web_config that asks for authentication")
	case errors.Is(err, web.ErrForbidden):
		err = withHint(err, "give an account that metrics.web_config has with --daemon-user and --daemon-password-file")
	default:
		err = explainDaemon(err)
	}
	return report, err
}

// pipe writes the backup to standard output, once it is checked: it is in a file before.
func (o *backupOptions) pipe(ctx context.Context, env *Env) (err error) {
	dir, err := os.MkdirTemp("", "cimwatch-backup-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "backup.db")
	if _, err := o.save(ctx, env, file); err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	if _, err := io.Copy(env.Stdout, f); err != nil {
		return errors.Join(fmt.Errorf("write the output: %w", err), f.Close())
	}
	return f.Close()
}

func newSavedStore(file string, r *store.Report) savedStore {
	return savedStore{File: file, Format: r.Format, Bytes: r.Bytes, Records: recordsOf(r)}
}

// WriteText writes what the file holds.
func (s savedStore) WriteText(w io.Writer, _ bool) error {
	_, err := fmt.Fprintf(w, "%s: checked; format %d, %d bytes: %s\n", oneLine(s.File), s.Format, s.Bytes, s.Records)
	return err
}

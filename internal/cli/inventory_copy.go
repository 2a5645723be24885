package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// copiedInventory is what a copy did.
type copiedInventory struct {
	Hosts      int `json:"hosts"`
	Replaced   int `json:"replaced"`
	Same       int `json:"same"`
	Components int `json:"components"`
	Changes    int `json:"changes"`
}

// copyFlags say from where to where.
type copyFlags struct {
	from, to string
	replace  bool
}

func newInventoryCopyCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "copy",
		Short: "Copy the inventory from a file to a database, or back",
		Long: `copy brings the inventory from the store's FILE to the PostgreSQL database that store.postgres is to name, or from
there back to the FILE: hosts, components, also removed ones that are remembered, the history, and the place in the
journal, so that the daemon goes on where it was. The journal stays in the FILE. The daemon is stopped meanwhile.

When it is broken off, run it again: it goes on where it was, and until then the daemon does not start with what there is.
What the target has already is left alone; a host that it has otherwise is refused, or with --replace replaced.
Hosts that only the target has stay. The password comes from $PGPASSWORD or the file ~/.pgpass, as for psql.`,
		Example: `  cimwatch inventory copy --from cimwatch.db --to postgres://cimwatch@db.example.com/cimwatch
  cimwatch inventory copy --from postgres://cimwatch@db.example.com/cimwatch --to cimwatch.db --replace`,
		Args: arguments(),
	}
	var f copyFlags
	cmd.Flags().StringVar(&f.from, "from", "", "store `file`, or postgres:// URL of a database (required)")
	cmd.Flags().StringVar(&f.to, "to", "", "the other of the two (required)")
	cmd.Flags().BoolVar(&f.replace, "replace", false, "replace what the target has otherwise")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		shown := env.newProgress("records", true)
		done, err := f.copy(cmd.Context(), daemon.CopyOptions{Replace: f.replace, Progress: shown.add})
		shown.end()
		if err != nil {
			return err
		}
		return env.print(output, copiedInventory(done))
	}
	return cmd
}

// check returns an error for what is not a file and a database.
func (f *copyFlags) check() error {
	const hint = "give a FILE and postgres://USER@HOST/DATABASE, one with --from and one with --to"
	from, to := postgres.IsURL(f.from), postgres.IsURL(f.to)
	switch {
	case f.from == "":
		return withHint(usage(errors.New("--from is missing")), hint)
	case f.to == "":
		return withHint(usage(errors.New("--to is missing")), hint)
	case from && to:
		return withHint(usage(errors.New("--from and --to are both databases")), "copy a database with pg_dump")
	case !from && !to:
		return withHint(usage(errors.New("--from and --to are both files")), `copy a file with "cimwatch store backup"`)
	}
	url := f.from
	if to {
		url = f.to
	}
	if err := postgres.CheckURL(url); err != nil {
		return withHint(usage(err), "give postgres://USER@HOST/DATABASE; "+passwordFrom)
	}
	return nil
}

// copy opens the file and copies.
func (f *copyFlags) copy(ctx context.Context, o daemon.CopyOptions) (done store.Copied, err error) {
	file, toDatabase := f.from, true
	if postgres.IsURL(file) {
		file, toDatabase = f.to, false
	}
	if _, err := os.Stat(file); err != nil { // the store would make a new file
		return done, fmt.Errorf("open store: %w", err)
	}
	s, err := store.Open(file, nil)
	if err != nil {
		return done, storeHint(err, file, "stop the daemon that has it open first")
	}
	if toDatabase {
		done, err = daemon.CopyToDatabase(ctx, s, f.to, o)
	} else {
		done, err = daemon.CopyToFile(ctx, f.from, s, o)
	}
	return done, errors.Join(explainCopy(err, f), s.Close())
}

// explainCopy adds to the error of a copy what can be done about it.
func explainCopy(err error, f *copyFlags) error {
	_, conflict := errors.AsType[*store.CopyConflict](err)
	switch {
	case conflict:
		return withHint(err, "if the source is what you want to keep of these hosts, add --replace")
	case errors.Is(err, daemon.ErrOtherJournal) && postgres.IsURL(f.to):
		return withHint(err, "copy to a database of its own; add --replace if nothing else uses this one")
	case errors.Is(err, daemon.ErrOtherJournal):
		return withHint(err, "give the store.file of the daemon whose inventory is in the database")
	case errors.Is(err, store.ErrLocked):
		return withHint(databaseError(err), "stop the daemon that has it open first")
	case errors.Is(err, context.Canceled):
		return withHint(err, "run it again: it goes on where it was")
	default:
		return databaseError(err)
	}
}

// WriteText writes a line.
func (c copiedInventory) WriteText(w io.Writer, _ bool) error {
	already := ""
	if c.Same > 0 {
		already = fmt.Sprintf("; %s there already", counted(c.Same, "host"))
	}
	_, err := fmt.Fprintf(w, "copied %s with %s and %s%s\n", counted(c.Hosts, "host"), counted(c.Components, "component"), counted(c.Changes, "change"), already)
	return err
}

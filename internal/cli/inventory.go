package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
	"github.com/cimwatch/cimwatch/web"
)

// inventoryReader is where inventory commands read: a store's file or a daemon.
type inventoryReader interface {
	Hosts(ctx context.Context) ([]web.Host, error)
	Components(ctx context.Context, host string) ([]web.Component, error)
	Component(ctx context.Context, host, id string) (web.Component, error)
	Changes(ctx context.Context, f web.ChangeFilter) ([]web.Change, error)
	Find(ctx context.Context, q inventory.Query) componentSeq
	Past(ctx context.Context, q inventory.Query, at time.Time) (web.Past, error)
}

// inventoryFlags say where to read.
type inventoryFlags struct {
	*daemonFlags
	db string
	at momentFlag // zero: now; commands that show the past add it by addAtFlag
}

const envDatabase = "CIMWATCH_DB"

func newInventoryCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inventory",
		Short: "Show hosts, their components, and what changed when",
		Long: `inventory shows what a daemon keeps: from its store's FILE while no daemon has it open, or from a
running daemon at its metrics address. Where the daemon keeps the inventory in PostgreSQL, --db takes
the URL of the database; the password comes from $PGPASSWORD or the file ~/.pgpass, as for psql.`,
	}
	cmd.AddCommand(
		newInventoryHostsCommand(env),
		newInventoryListCommand(env),
		newInventoryShowCommand(env),
		newInventoryHistoryCommand(env),
		newInventoryDiffCommand(env),
		newInventoryBaselineCommand(env),
		newInventoryExportCommand(env),
		newInventorySyncCommand(env),
		newInventoryForgetCommand(env),
		newInventoryCopyCommand(env),
	)
	return cmd
}

func addInventoryFlags(cmd *cobra.Command) *inventoryFlags {
	f := &inventoryFlags{daemonFlags: addDaemonFlags(cmd)}
	cmd.Flags().StringVar(&f.db, "db", "", "store `file`, or postgres:// URL of a database ($"+envDatabase+")")
	cmd.MarkFlagsMutuallyExclusive("db", "address")
	return f
}

// open returns the reader that the flags name, and what closes it.
func (f *inventoryFlags) open(env *Env) (inventoryReader, func() error, error) {
	if err := f.check(); err != nil {
		return nil, nil, err
	}
	if f.address != "" {
		client, err := f.client(f.cmd.Context(), env)
		return client, func() error { return nil }, err
	}
	db := f.file(env)
	if db == "" {
		return nil, nil, withHint(usage(errors.New("nothing to read the inventory from")),
			"give --db FILE, or --address URL of a running daemon")
	}
	if postgres.IsURL(db) {
		return openDatabase(f.cmd.Context(), db)
	}
	s, err := openToRead(db)
	if err != nil {
		return nil, nil, storeHint(err, db, openHint)
	}
	noteLeft(env.Stderr, s, db)
	return web.Local{Source: daemon.NewSource(s.Inventory())}, s.Close, nil
}

// openToRead opens the store in a file that must be there.
func openToRead(db string) (*store.Store, error) {
	if _, err := os.Stat(db); err != nil { // the store would make a new file
		return nil, fmt.Errorf("open store: %w", err)
	}
	return store.Open(db, &store.Options{ReadOnly: true})
}

// noteLeft says what a crash left beside the file, where nothing that reads can see it.
func noteLeft(stderr io.Writer, s *store.Store, db string) {
	if n := s.Stats().Left; n > 0 {
		note(stderr, fmt.Sprintf("note: after a crash %d indications are in %s.intake alone, and not shown; serve takes them in when it starts", n, db))
	}
}

// read opens the reader for as long as do runs.
func (f *inventoryFlags) read(env *Env, do func(inventoryReader) error) error {
	reader, closeReader, err := f.open(env)
	if err != nil {
		return err
	}
	if !f.at.IsZero() {
		reader = pastReader{reader, env, f.at.end()}
	}
	err = errors.Join(do(reader), closeReader())
	if errors.Is(err, store.ErrDamaged) {
		return storeHint(err, f.file(env), openHint)
	}
	return explainDaemon(err)
}

// openHint is for a store that a daemon has open.
const openHint = "a daemon has it open; give --address with its metrics address instead of --db"

// file returns the file or the URL of the database that the flag or the environment names.
func (f *inventoryFlags) file(env *Env) string { return cmp.Or(f.db, env.getenv(envDatabase)) }

// findHost returns the name of a host as the inventory has it.
func findHost(ctx context.Context, reader inventoryReader, name string) (string, error) {
	known, ok, err := web.HostNamed(ctx, reader, name)
	if err == nil && !ok {
		err = noHost(name)
	}
	return known, err
}

func noHost(name string) error {
	return withHint(fmt.Errorf("no host %q in the inventory", printable(name)), `list the hosts with "cimwatch inventory hosts"`)
}

// findComponent returns the ID of a component that is named by its ID or its name, and
// the name when it was removed too.
func findComponent(ctx context.Context, reader inventoryReader, host, name string) (string, error) {
	components, err := reader.Components(ctx, host)
	if err != nil {
		return "", err
	}
	var found []string
	for i := range components {
		c := &components[i]
		if c.ID == name || c.Path == name {
			return c.ID, nil
		}
		if strings.EqualFold(c.Name, name) {
			found = append(found, c.ID)
		}
	}
	list := fmt.Sprintf("list the components with \"cimwatch inventory list --host %s\"", shellWord(host))
	if len(found) == 0 {
		if c, err := reader.Component(ctx, host, name); err == nil {
			return c.ID, nil // one that was removed
		}
		if _, past := reader.(pastReader); !past { // what is gone since was found there
			if found, err = findRemoved(ctx, reader, host, name, components); err != nil {
				return "", err
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", withHint(fmt.Errorf("no component %q on host %s", printable(name), host), list)
	default:
		return "", withHint(fmt.Errorf("%d components of host %s are named %q", len(found), host, printable(name)),
			"give the ID of one: "+strings.Join(quotedWords(found), " or "))
	}
}

// findRemoved returns the IDs of components that are no longer on a host, and that the history
// has by a name, an ID or a path.
func findRemoved(ctx context.Context, reader inventoryReader, host, name string, there []web.Component) ([]string, error) {
	changes, err := reader.Changes(ctx, web.ChangeFilter{Host: host})
	if err != nil {
		return nil, err
	}
	looked := map[string]bool{}
	for n := range there {
		looked[there[n].ID] = true
	}
	found := map[string]bool{}
	for n := range changes {
		c := &changes[n]
		moved := c.Kind == inventory.Moved.String() && (plain(c.Old) == name || plain(c.New) == name)
		if c.ID == name || moved || strings.EqualFold(c.Name, name) && !isThere(there, c.ID) {
			found[c.ID] = true
		}
		if looked[c.ID] {
			continue
		}
		looked[c.ID] = true
		if gone, err := reader.Component(ctx, host, c.ID); err == nil && gone.Path == name {
			found[c.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func isThere(components []web.Component, id string) bool {
	return slices.ContainsFunc(components, func(c web.Component) bool { return c.ID == id })
}

// showTime writes a time in the time zone of the person who reads it.
func showTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}

// healthColor is the color that a level of health has everywhere.
func healthColor(health string) text.Color {
	switch health {
	case "ok":
		return text.FgGreen
	case "warning":
		return text.FgYellow
	case "critical":
		return text.FgRed
	default:
		return 0
	}
}

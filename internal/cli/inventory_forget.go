package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
	"github.com/cimwatch/cimwatch/web"
)

// forgottenHosts are the hosts that went, or would.
type forgottenHosts struct {
	Forgotten bool                `json:"forgotten"`
	Hosts     []web.ForgottenHost `json:"hosts"`
}

func newInventoryForgetCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "forget HOST...",
		Short: "Remove hosts with their components and history",
		Long: `forget removes hosts from the inventory, with their components and all of their history. In a HOST * stands for
any text and ? for any character; case does not count. Without --yes it shows what would go, and does nothing.

A running daemon (--address) forgets hosts that its configuration no longer has, and only where its
metrics.web_config asks everybody for an account. With --db it is done in the FILE, or the PostgreSQL database, of
a daemon that is stopped; what is in its configuration then, it reads anew when it starts. The journal keeps the
indications, and a backup made before has everything.`,
		Example: `  cimwatch inventory forget esx9 'lab-*' --db cimwatch.db
  cimwatch inventory forget esx9 'lab-*' --db cimwatch.db --yes
  cimwatch inventory forget esx9 --yes --address https://cimwatch.example.com:9720 \
    --daemon-user ops --daemon-password-file ops.password`,
		Args: func(_ *cobra.Command, hosts []string) error {
			if len(hosts) == 0 {
				return errors.New("missing argument HOST")
			}
			return nil
		},
	}
	from := addInventoryFlags(cmd)
	yes := cmd.Flags().BoolP("yes", "y", false, "do it, and do not only show what would go")
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hosts, err := from.match(cmd.Context(), env, args)
		if err != nil {
			return err
		}
		list, err := from.forget(cmd.Context(), env, true, hosts)
		if err == nil && *yes {
			list, err = from.forget(cmd.Context(), env, false, hosts)
		}
		if err != nil && len(list) == 0 {
			return err
		}
		if err := cmp.Or(env.print(output, forgottenHosts{*yes, list}), err); err != nil || *yes {
			return err
		}
		return withHint(usage(errors.New("nothing is forgotten yet")), "add --yes to forget what is shown, for good")
	}
	return cmd
}

// match returns the names of the hosts that are meant: each has at least one.
func (f *inventoryFlags) match(ctx context.Context, env *Env, patterns []string) (names []string, err error) {
	err = f.read(env, func(reader inventoryReader) error {
		hosts, err := reader.Hosts(ctx)
		if err != nil {
			return err
		}
		for _, pattern := range patterns {
			found := matchHosts(hosts, pattern)
			if len(found) == 0 {
				return noHost(pattern)
			}
			names = append(names, found...)
		}
		slices.Sort(names)
		names = slices.Compact(names)
		return nil
	})
	return names, err
}

// matchHosts returns the hosts that a pattern fits; the one of exactly that name, where there is one.
func matchHosts(hosts []web.Host, pattern string) (names []string) {
	for i := range hosts {
		if hosts[i].Name == pattern {
			return []string{pattern}
		}
		if inventory.Pattern(pattern).Match(hosts[i].Name) {
			names = append(names, hosts[i].Name)
		}
	}
	return names
}

// forget has hosts forgotten where the flags say, or only counts what would go.
func (f *inventoryFlags) forget(ctx context.Context, env *Env, preview bool, hosts []string) ([]web.ForgottenHost, error) {
	if f.address != "" {
		client, err := f.client(ctx, env)
		if err != nil {
			return nil, err
		}
		list, err := client.Forget(ctx, preview, hosts...)
		return list, explainForget(err)
	}
	kept, closeKept, err := openKept(ctx, f.file(env), preview)
	if err != nil {
		return nil, err
	}
	list, err := daemon.ForgetHosts(ctx, kept, preview, hosts...)
	return list, errors.Join(err, closeKept())
}

// explainForget adds to the error of a daemon what can be done about it.
func explainForget(err error) error {
	switch {
	case errors.Is(err, web.ErrConfigured):
		return withHint(err, "take the host out of the configuration and start the daemon again first; it would only read it anew")
	case errors.Is(err, web.ErrForbidden) && !errors.Is(err, web.ErrUnauthorized):
		return withHint(errors.New("this daemon forgets no hosts, for it asks nobody for an account"),
			"set a metrics.web_config with accounts in its configuration, or stop it and give --db")
	case errors.Is(err, web.ErrNotFound):
		return withHint(fmt.Errorf("forget hosts: %w", err), `"cimwatch inventory hosts" lists those that there are; an older daemon forgets none`)
	default:
		return explainDaemon(err)
	}
}

// openKept opens an inventory of a daemon that is stopped, in a file or a database.
func openKept(ctx context.Context, db string, readOnly bool) (store.Inventory, func() error, error) {
	const locked = "a daemon has it open: give --address with its metrics address instead of --db, or stop it"
	if postgres.IsURL(db) {
		kept, err := postgres.Open(ctx, db, &postgres.Options{ReadOnly: readOnly})
		if errors.Is(err, store.ErrLocked) {
			return nil, nil, withHint(databaseError(err), locked)
		}
		if err != nil {
			return nil, nil, databaseError(err)
		}
		return kept, kept.Close, nil
	}
	s, err := store.Open(db, &store.Options{ReadOnly: readOnly})
	if err != nil {
		return nil, nil, storeHint(err, db, locked)
	}
	return s.Inventory(), s.Close, nil
}

// WriteText writes a table of what would go, or a line for each host that went.
func (l forgottenHosts) WriteText(w io.Writer, color bool) error {
	if !l.Forgotten {
		rows := make([][]cell, len(l.Hosts))
		for i, h := range l.Hosts {
			rows[i] = []cell{{text: h.Host}, {text: fmt.Sprint(h.Components)}, {text: fmt.Sprint(h.Changes)}}
		}
		return writeTable(w, color, []string{"HOST", "COMPONENTS", "CHANGES"}, rows)
	}
	for _, h := range l.Hosts {
		_, err := fmt.Fprintf(w, "%s: forgotten, with %s and %s\n", oneLine(h.Host), counted(h.Components, "component"), counted(h.Changes, "change"))
		if err != nil {
			return err
		}
	}
	return nil
}

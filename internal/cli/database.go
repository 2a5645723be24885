package cli

import (
	"context"
	"errors"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
	"github.com/cimwatch/cimwatch/web"
)

// openDatabase opens the inventory in a PostgreSQL database, which a daemon may have open as well.
func openDatabase(ctx context.Context, url string) (inventoryReader, func() error, error) {
	if err := postgres.CheckURL(url); err != nil {
		return nil, nil, withHint(usage(err), "give postgres://USER@HOST/DATABASE; "+passwordFrom)
	}
	kept, err := postgres.Open(ctx, url, &postgres.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	return web.Local{Source: daemon.NewSource(kept)}, kept.Close, nil
}

const passwordFrom = "the password comes from $PGPASSWORD or the file ~/.pgpass"

func isDatabase(err error) bool {
	_, ok := errors.AsType[*postgres.OpenError](err)
	return ok
}

// diagnoseDatabase knows the reasons not to open a database. It stands before those who know the
// network, whose hints are about CIM servers.
func diagnoseDatabase(err error) (diagnosis, bool) {
	d := diagnosis{code: ExitFailed}
	switch {
	case !isDatabase(err):
		return d, false
	case errors.Is(err, store.ErrFormat):
		d.hint = "a daemon with store.postgres in its configuration makes the tables and brings them up to date; this one may be older or newer"
	case postgres.IsUnreachable(err):
		d = diagnosis{ExitUnreachable, "check that the server runs, and host and port in the URL"}
	default:
		d.hint = "check the user and its rights; " + passwordFrom
	}
	return d, true
}

// explainStartDatabase names the keys of the configuration that may help.
func explainStartDatabase(err error) error {
	switch {
	case errors.Is(err, store.ErrLocked):
		return withHint(err, "another cimwatch keeps its inventory there: stop it, or choose another database in store.postgres.url")
	case errors.Is(err, store.ErrFormat):
		return withHint(err, "a newer cimwatch made these tables: use that one, or choose another database in store.postgres.url")
	case postgres.IsUnreachable(err):
		return withHint(err, "check that the server runs, and host and port in store.postgres.url")
	default:
		return withHint(err, "check the user in store.postgres.url, its rights, and store.postgres.password_file")
	}
}

package cli

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

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
		return nil, nil, databaseError(err)
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
	case postgres.IsEmpty(err):
		d.hint = "a daemon with store.postgres in its configuration makes the tables when it starts: check that the URL names its database"
	case errors.Is(err, store.ErrFormat):
		d.hint = "a daemon with store.postgres in its configuration makes the tables and brings them up to date; this one may be older or newer"
	case isNoDatabase(err):
		d.hint = "check the name of the database in the URL, or make it with createdb"
	case postgres.IsUnreachable(err):
		d = diagnosis{ExitUnreachable, "check that the server runs, and host and port in the URL"}
	default:
		d.hint = "check the user and its rights; " + passwordFrom
	}
	return d, true
}

// isNoDatabase reports whether a server says that it has no database of that name.
func isNoDatabase(err error) bool {
	const invalidCatalogName = "3D000" // PostgreSQL, appendix A
	said, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	return ok && said.SQLState() == invalidCatalogName
}

// textError is an error with another text.
type textError struct {
	err  error
	text string
}

func (e *textError) Error() string { return e.text }
func (e *textError) Unwrap() error { return e.err }

// attempts is what the driver says before the reasons, which repeats what is known by then.
var attempts = regexp.MustCompile("failed to connect to `[^`]*`:\\s*")

// databaseError returns the error of a database with each reason once, in one line: the driver
// tries a server several times, with TLS and without, and tells of each try in a line.
func databaseError(err error) error {
	if !isDatabase(err) {
		return err
	}
	text := attempts.ReplaceAllString(strings.ReplaceAll(err.Error(), store.ErrFormat.Error()+": ", ""), "\n")
	var reasons []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(reasons, line) {
			reasons = append(reasons, line)
		}
	}
	text = strings.Join(reasons[1:], "; ")
	if text == "" {
		return &textError{err, reasons[0]}
	}
	return &textError{err, reasons[0] + " " + text}
}

// explainStartDatabase names the keys of the configuration that may help.
func explainStartDatabase(err error) error {
	err = databaseError(err)
	switch {
	case isNoDatabase(err):
		return withHint(err, "check the name of the database in store.postgres.url, or make it with createdb")
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

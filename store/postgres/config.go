package postgres

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// connectTime is how long it is waited for a connection where the URL does not say (connect_timeout).
const connectTime = 10 * time.Second

// errConfig says nothing of what the URL holds, which may be a secret.
var errConfig = errors.New("it is not a URL that PostgreSQL's clients take, such as postgres://USER@HOST:5432/DATABASE?sslmode=verify-full")

// CheckURL returns an error for what is not the URL of a database, or has a password in it. The
// error shows nothing of the URL.
func CheckURL(raw string) error {
	_, err := parse(raw, "")
	return err
}

// IsURL reports whether a text means a database and not a file.
func IsURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql")
}

// IsUnreachable reports whether an error is that of a server that does not answer, or not yet, or
// not any more: it may another time. One that refuses is none.
func IsUnreachable(err error) bool {
	const shutdown = "57P" // how the codes begin of a server that stops, crashed or starts
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(said.Code, shutdown)
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[*net.OpError](err)
	return connecting || network || errors.Is(err, io.ErrUnexpectedEOF)
}

func parse(raw, password string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errConfig
	}
	_, inUser := u.User.Password()
	if query := u.Query(); inUser || query.Has("password") || query.Has("sslpassword") {
		return nil, errors.New("a password does not belong into the URL")
	}
	config, err := pgx.ParseConfig(raw)
	if err != nil {
		return nil, errConfig
	}
	if config.Database == "" {
		return nil, errors.New("the URL names no database")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	if password != "" {
		config.Password = password
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "cimwatch"
	}
	return config, nil
}

// String returns the kind of what was found, in words.
func (f Found) String() string {
	switch f {
	case SameJournal:
		return "the same journal"
	case OtherJournal:
		return "another journal"
	case EarlierJournal:
		return "an earlier state of the journal"
	default:
		return fmt.Sprintf("Found(%d)", int(f))
	}
}

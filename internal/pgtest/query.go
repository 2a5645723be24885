package pgtest

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
)

// New starts a server that runs until the test ends. The test is skipped where there is none to
// start.
func New(t testing.TB, options Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), options)
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Connect connects to a database. The connection is the caller's to close.
func Connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// leave closes a connection, whose server may have ended.
func leave(t testing.TB, conn *pgx.Conn) { _ = conn.Close(context.WithoutCancel(t.Context())) }

// Execute runs a statement, or several, on a connection of its own.
func Execute(t testing.TB, url, sql string, args ...any) {
	t.Helper()
	conn := Connect(t, url)
	defer leave(t, conn)
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Ask returns the only value that a query gives, asked on a connection of its own.
func Ask[T any](t testing.TB, url, sql string, args ...any) T {
	t.Helper()
	conn := Connect(t, url)
	defer leave(t, conn)
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

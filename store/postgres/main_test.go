package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// The server that the tests share, and why there is none.
var (
	server  *pgtest.Server
	missing error
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if role := os.Getenv(roleVariable); role != "" {
			if copies, ok := strings.CutPrefix(role, copyPrefix); ok {
				return playCopy(copies)
			}
			return play(role)
		}
		server, missing = pgtest.Start(context.Background(), pgtest.Options{})
		if missing == nil {
			defer func() { _ = server.Stop() }()
		} else if !errors.Is(missing, pgtest.ErrMissing) {
			fmt.Fprintln(os.Stderr, missing)
			return 1
		}
		code := m.Run()
		if err := goleak.Find(); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return code
	}())
}

// database makes an empty database and returns its URL.
func database(t testing.TB) string {
	t.Helper()
	if missing != nil {
		t.Skip(missing)
	}
	return makeDatabase(t, server)
}

func makeDatabase(t testing.TB, s *pgtest.Server) string {
	t.Helper()
	name := s.Name()
	execute(t, s.URL("tester", "postgres"), "CREATE DATABASE "+name)
	return s.URL("tester", name)
}

// execute runs a statement on a connection of its own.
func execute(t testing.TB, url, sql string, args ...any) {
	t.Helper()
	pgtest.Execute(t, url, sql, args...)
}

// one returns the only value that a query gives.
func one[T any](t testing.TB, url, sql string, args ...any) T {
	t.Helper()
	return pgtest.Ask[T](t, url, sql, args...)
}

// open opens an inventory, which is closed in the end.
func open(t testing.TB, url string, opts *postgres.Options) *postgres.Inventory {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestInventoryContract holds a database to what store.Inventory promises, with a cache that
// holds everything, and with one that hardly holds anything.
func TestInventoryContract(t *testing.T) {
	for name, size := range map[string]int{"cached": 0, "hardly cached": 1} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t testing.TB) storetest.Opener {
				url := database(t)
				return func() (store.Inventory, func() error, error) {
					s, err := postgres.Open(t.Context(), url, &postgres.Options{CacheBytes: size})
					if err != nil {
						return nil, nil, err
					}
					return s, s.Close, nil
				}
			})
		})
	}
}

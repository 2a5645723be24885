package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cimwatch/cimwatch/internal/pgtest"
)

// condition knows [postgres]: there is a PostgreSQL to start.
func condition(name string) (bool, error) {
	if name != "postgres" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	return pgtest.Installed(), nil
}

// database starts a PostgreSQL server for a script. $database is the URL of a database, and
// $guarded that for a user whose password is in the file password.
func database(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: database")
	}
	server, err := pgtest.Start(context.Background(), pgtest.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Stop()) })
	ts.Setenv("database", server.URL("tester", "postgres"))
	_, socket, _ := strings.Cut(server.URL("tester", "postgres"), "?")
	ts.Setenv("socket", socket+"&user=tester")
	ts.Setenv("guarded", server.URL("secretive", "postgres"))
	ts.Check(os.WriteFile(ts.MkAbs("password"), []byte(pgtest.Secret+"\n"), 0o600))
}

// expand puts the variables of the script into a file, which names them as the script does.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

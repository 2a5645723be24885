package cli_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/store"
)

// TestDocumentedMove runs the commands by which docs/postgresql.md moves an inventory.
func TestDocumentedMove(t *testing.T) {
	text, err := os.ReadFile("../../docs/postgresql.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Moving an existing inventory\n")
	section, _, _ = strings.Cut(section, "\n## ")
	server := pgtest.New(t, pgtest.Options{})
	t.Chdir(t.TempDir())
	keepHosts(t, "cimwatch.db", []string{"esx1", "esx2"})
	var said []string
	for line := range strings.Lines(section) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "cimwatch ")
		if !ok || !strings.HasPrefix(line, "    ") {
			continue
		}
		command = strings.ReplaceAll(command, "postgres://cimwatch@db.example.com/cimwatch", server.URL("tester", "postgres"))
		said = append(said, run(t, strings.Fields(command)...))
	}
	if len(said) != 3 || !strings.HasPrefix(said[0], "copied 2 hosts with 2 components") || !strings.Contains(said[1], "\nesx2 ") ||
		!strings.HasPrefix(said[2], "copied 0 hosts with 0 components and 0 changes; 2 hosts there already") {
		t.Errorf("the commands say %q", said)
	}
}

// TestServeUnfinishedCopy tells what to do about a copy that was broken off.
func TestServeUnfinishedCopy(t *testing.T) {
	config := serveConfig(t, "127.0.0.1:0", "127.0.0.1:0", "http://127.0.0.1:1")
	s, err := store.Open(strings.TrimSuffix(config, ".yaml")+".db", nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetCursor(store.UnfinishedCopy, 0) })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	code := cli.Run(context.WithoutCancel(t.Context()), []string{"serve", "-c", config}, cli.Env{Stdout: &strings.Builder{}, Stderr: &stderr})
	want := "error: open inventory: a copy into the inventory was broken off\nhint: finish it: run \"cimwatch inventory copy\" again, as before\n"
	if code != cli.ExitFailed || stderr.String() != want {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

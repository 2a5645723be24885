package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cimwatch/cimwatch/internal/cli"
)

// cut cuts a file off after some bytes:
//
//	cut backup.db 40000
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE BYTES")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// TestStoreFields finds each field that the commands write in its section of docs/json.md.
func TestStoreFields(t *testing.T) {
	dir := t.TempDir()
	db, backup := filepath.Join(dir, "demo.db"), filepath.Join(dir, "backup.db")
	run(t, "demo", "--speed", "1000", "--db", db)
	for section, output := range map[string]string{
		"store check":   run(t, "store", "check", "--db", db, "-o", "json"),
		"store compact": run(t, "store", "compact", "--db", db, "-o", "json"),
		"store backup":  run(t, "store", "backup", "--db", db, backup, "-o", "json"),
	} {
		examples := examplesOf(t, section)
		if len(examples) == 0 {
			t.Errorf("section %s has no example", section)
		}
		checkFields(t, section, append(examples, output))
	}
}

// TestBackupOfDaemon has a running daemon back its store up, for an account alone.
func TestBackupOfDaemon(t *testing.T) {
	config := serveConfig(t, "127.0.0.1:0", "127.0.0.1:0", simulatedHost(t))
	dir := filepath.Dir(config)
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	guarded := strings.Replace(string(text), `metrics: {`, `metrics: {web_config: web.yaml, backup: true, `, 1)
	for name, text := range map[string]string{
		// The password is "watch", its cost the least there is.
		"web.yaml":      "basic_auth_users:\n  ops: $2a$04$KBP9JxkLgXO6h8iX/vMnIOFyvrqO4FBKJ8IzwBXq1MV7n6RUA.lgS\n",
		"ops.password":  "watch\n",
		"cimwatch.yaml": guarded,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr := &lines{}
	p := &process{ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		cli.Run(ctx, []string{"serve", "-c", config}, cli.Env{Stdout: &strings.Builder{}, Stderr: stderr})
	}()
	match := awaitLine(t, p, stderr, `Metrics started on port (\d+)\n`)
	awaitLine(t, p, stderr, "host is subscribed")

	address, backup := "http://127.0.0.1:"+match[1], filepath.Join(dir, "backup.db")
	run(t, "store", "backup", "--address", address, "-u", "ops", "--password-file", filepath.Join(dir, "ops.password"), backup)
	if hosts := run(t, "inventory", "hosts", "--db", backup); !strings.Contains(hosts, "esx1") {
		t.Errorf("the backup's hosts:\n%s", hosts)
	}
	var stdout, said strings.Builder
	code := cli.Run(t.Context(), []string{"store", "backup", "--address", address, filepath.Join(dir, "other.db")},
		cli.Env{Stdout: &stdout, Stderr: &said})
	if want := "error: save store: ask the daemon: HTTP status 401 Unauthorized: "; code != cli.ExitFailed || !strings.HasPrefix(said.String(), want) ||
		!strings.Contains(said.String(), "\nhint: give an account that metrics.web_config has") {
		t.Errorf("without an account: exit code %d, %s%s", code, stdout.String(), said.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "other.db")); err == nil {
		t.Error("a file was made of nothing")
	}
	cancel()
	<-p.ended
}

package cli_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/simulator"
)

const servePassword = "open-sesame-4711"

// simulatedHost returns the URL of a simulated ESXi host that wants an account.
func simulatedHost(t *testing.T) string {
	t.Helper()
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(model, &simulator.Options{User: "watcher", Password: servePassword})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) }) // it may have something to deliver still
	return s.URL()
}

// serveConfig writes a configuration and returns its file.
func serveConfig(t *testing.T, listen, metrics, url string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"password": servePassword + "\n",
		"cimwatch.yaml": fmt.Sprintf(`on_shutdown: unsubscribe
store: {file: cimwatch.db}
listener: {address: %q, url: "http://127.0.0.1:1"}
metrics: {address: %q}
hosts:
  - {name: esx1, url: %q, user: watcher, password_file: password}
`, listen, metrics, url),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cimwatch.yaml")
}

// TestServe runs the daemon for a host until it is told to stop, and asks it meanwhile.
func TestServe(t *testing.T) {
	for _, form := range []struct{ flag, said string }{
		{"--log-level=info", `msg="host is subscribed" component=host host=esx1`},
		{"--log-json", `"msg":"host is subscribed","component":"host","host":"esx1"`},
	} {
		t.Run(form.flag, func(t *testing.T) {
			config := serveConfig(t, "127.0.0.1:0", "127.0.0.1:0", simulatedHost(t))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var stdout strings.Builder
			stderr := &lines{}
			p := &process{ended: make(chan struct{})}
			code := 0
			go func() {
				defer close(p.ended)
				code = cli.Run(ctx, []string{"serve", "-c", config, form.flag}, cli.Env{Stdout: &stdout, Stderr: stderr})
			}()
			match := awaitLine(t, p, stderr, `Metrics started on port (\d+)\n`)
			awaitLine(t, p, stderr, regexp.QuoteMeta(form.said))

			address := "http://127.0.0.1:" + match[1]
			if hosts := run(t, "inventory", "hosts", "--address", address); !strings.Contains(hosts, "esx1  subscribed  ok") {
				t.Errorf("hosts:\n%s", hosts)
			}
			if list := run(t, "inventory", "list", "--address", address+"/"); strings.Count(list, "\n") < 50 {
				t.Errorf("components:\n%s", list)
			}
			cancel()
			<-p.ended
			said, _ := stderr.read()
			if code != cli.ExitDone || stdout.String() != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout.String())
			}
			if !strings.HasPrefix(said, "Listener started on port ") || !strings.Contains(said, "host is no longer subscribed") {
				t.Errorf("stderr:\n%s", said)
			}
			if strings.Contains(said, servePassword) {
				t.Error("the password is in the log")
			}
		})
	}
}

// TestServeProgress shows on a terminal how far the first look at the hosts has come.
func TestServeProgress(t *testing.T) {
	config := serveConfig(t, "127.0.0.1:0", "127.0.0.1:0", simulatedHost(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr, p := &lines{}, &process{ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		cli.Run(ctx, []string{"serve", "-c", config}, cli.Env{Stdout: io.Discard, Stderr: stderr, StderrIsTerminal: true})
	}()
	awaitLine(t, p, stderr, `\x1b\[KRead 0 of 1 hosts, 0 components in 0\.0 s`)
	awaitLine(t, p, stderr, `\x1b\[KRead 1 of 1 hosts, \d\d+ components in \d+\.\d s\n`)
	cancel()
	<-p.ended
}

func awaitLine(t *testing.T, p *process, l *lines, pattern string) []string {
	t.Helper()
	match, err := p.await(l, regexp.MustCompile(pattern))
	if err != nil {
		t.Fatal(err)
	}
	return match
}

// TestServePortInUse names the key of the configuration that helps.
func TestServePortInUse(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // nothing was accepted
	const free = "127.0.0.1:0"
	for _, test := range []struct{ listen, metrics, want string }{
		{taken.Addr().String(), free, "error: listener: listen tcp "},
		{free, taken.Addr().String(), "error: metrics: listen tcp "},
	} {
		var stdout, stderr strings.Builder
		config := serveConfig(t, test.listen, test.metrics, "http://127.0.0.1:1")
		code := cli.Run(t.Context(), []string{"serve", "-c", config}, cli.Env{Stdout: &stdout, Stderr: &stderr})
		const hint = "\nhint: another program has this port; choose another in listener.address or metrics.address\n"
		if said := stderr.String(); code != cli.ExitFailed || stdout.String() != "" || !strings.HasPrefix(said, test.want) || !strings.HasSuffix(said, hint) {
			t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout.String(), said)
		}
	}
}

package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/internal/cli"
)

// guardedDaemon runs a daemon whose metrics address has TLS and asks for an account, until the
// test ends, and returns its address, its certificate's file and its password's.
// Its inventory has some hosts that its configuration does not have.
func guardedDaemon(t *testing.T, gone ...string) (address, certificate, password string) {
	t.Helper()
	config := serveConfig(t, "127.0.0.1:0", "127.0.0.1:0", simulatedHost(t))
	dir := filepath.Dir(config)
	if len(gone) > 0 {
		keepHosts(t, filepath.Join(dir, "cimwatch.db"), gone)
	}
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	certificate, password = filepath.Join(dir, "daemon.pem"), filepath.Join(dir, "ops.password")
	makeCertificate(func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}, certificate, filepath.Join(dir, "daemon.key"))
	for name, text := range map[string]string{
		// The password is "watch", its cost the least there is.
		"web.yaml": "tls_server_config: {cert_file: daemon.pem, key_file: daemon.key}\n" +
			"basic_auth_users:\n  ops: $2a$04$KBP9JxkLgXO6h8iX/vMnIOFyvrqO4FBKJ8IzwBXq1MV7n6RUA.lgS\n",
		"ops.password":  "watch\n",
		"cimwatch.yaml": strings.Replace(string(text), `metrics: {`, `metrics: {web_config: web.yaml, backup: true, `, 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	stderr := &lines{}
	p := &process{ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		cli.Run(ctx, []string{"serve", "-c", config}, cli.Env{Stdout: &strings.Builder{}, Stderr: stderr})
	}()
	t.Cleanup(func() {
		cancel()
		<-p.ended
	})
	match := awaitLine(t, p, stderr, `Metrics started on port (\d+)\n`)
	awaitLine(t, p, stderr, "host is subscribed")
	return "127.0.0.1:" + match[1], certificate, password
}

// daemonCommands are all commands that ask a daemon and end by themselves, as their arguments
// without the address.
func daemonCommands(t *testing.T) []string {
	t.Helper()
	return []string{
		"inventory hosts", "inventory list", "inventory show esx1", "inventory history esx1", "inventory baseline save esx1 --each",
		"inventory export", "inventory sync", "inventory sync esx1 esx1", "subscriptions", "listen --from start", "check esx1 --max-age 0s",
		"store backup " + filepath.Join(t.TempDir(), "backup.db"),
	}
}

// TestGuardedDaemon has every command that asks a daemon ask one with TLS and an account, and
// name the flag where something is missing.
func TestGuardedDaemon(t *testing.T) {
	address, certificate, password := guardedDaemon(t)
	environ := map[string]string{"CIMWATCH_DAEMON_USER": "ops", "CIMWATCH_DAEMON_PASSWORD": "watch"}
	servers := map[string]string{"CIMWATCH_USER": "ops", "CIMWATCH_PASSWORD": "watch"}
	flags := " --daemon-user ops --daemon-password-file " + password
	for _, command := range daemonCommands(t) {
		for _, test := range []struct {
			more    string
			environ map[string]string
			want    string // of what is said; "": it is done
		}{
			{" --address https://" + address, environ, `hint: the certificate signed itself: give it with --daemon-ca FILE, or pin the certificate with --daemon-fingerprint [0-9A-F:]+\n$`},
			{" --address http://" + address + flags, nil, `the daemon's address has TLS.*\nhint: write --address with https://\n$`},
			{" --daemon-ca " + certificate + " --address https://" + address, servers, `HTTP status 401 Unauthorized.*\nhint: give an account that metrics.web_config has with --daemon-user and --daemon-password-file\n$`},
			{" --daemon-ca " + certificate + " --address https://" + address, environ, ""},
		} {
			if strings.HasPrefix(command, "store backup") && test.want == "" {
				continue // below, into another file
			}
			code, said := ask(t, command+test.more, test.environ)
			switch {
			case test.want == "" && code != cli.ExitDone && !strings.HasPrefix(command, "check"):
				t.Errorf("%s: exit code %d\n%s", command, code, said)
			case strings.Contains(said, "watch\n") || test.want == "" && strings.Contains(said, "ask the daemon"):
				t.Errorf("%s says\n%s", command, said)
			case test.want != "" && (code == cli.ExitDone || !regexp.MustCompile(test.want).MatchString(said)):
				t.Errorf("%s%s: exit code %d\n%s", command, test.more, code, said)
			}
		}
		if code, said := ask(t, command+" --daemon-insecure --address https://"+address+flags, nil); code != cli.ExitDone && !strings.HasPrefix(command, "check") {
			t.Errorf("%s by flags: exit code %d\n%s", command, code, said)
		}
	}
}

// ask runs a command line and returns what it says besides data; of a plugin, all.
func ask(t *testing.T, line string, environ map[string]string) (code int, said string) {
	t.Helper()
	var stdout, stderr strings.Builder
	code = cli.Run(t.Context(), strings.Fields(line), cli.Env{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(name string) string { return environ[name] },
	})
	if strings.HasPrefix(line, "check") {
		return code, stdout.String()
	}
	return code, stderr.String()
}

// TestDaemonFlags refuses flags that would be passed over.
func TestDaemonFlags(t *testing.T) {
	for line, want := range map[string]string{
		"inventory list --db x.db --daemon-user ops":                         "error: --daemon-user is given without --address\nhint: add --address URL",
		"listen --follow --db x.db --daemon-insecure":                        "error: --daemon-insecure is given without --address\n",
		"check esx1 --address https://127.0.0.1:1 --ca ca.pem":               "UNKNOWN - --ca is for a CIM server, and --address asks a daemon\nhint: give --daemon-ca in its place\n",
		"check esx1 --address https://127.0.0.1:1 -U ops":                    "UNKNOWN - --user is for a CIM server",
		"subscriptions --address https://127.0.0.1:1 --insecure":             "error: --insecure is for a CIM server",
		"inventory list --address http://127.0.0.1:1 --daemon-ca a":          "error: --daemon-ca, --daemon-fingerprint and --daemon-client-cert have no meaning without TLS\nhint: write --address with https://\n",
		"inventory list --address http://ops:s3cret@127.0.0.1:1":             `error: daemon address "http://***@127.0.0.1:1": a URL must not carry a user or a password` + "\nhint: give --daemon-user, ",
		"inventory list --address http://127.0.0.1:1 --daemon-user ops":      "error: no password for ops on 127.0.0.1:1\nhint: give --daemon-user, and the password with --daemon-password-file FILE or CIMWATCH_DAEMON_PASSWORD\n",
		"inventory list --address https://127.0.0.1:1 --daemon-client-key a": "error: --daemon-client-key is given without --daemon-client-cert\n",
	} {
		if code, said := ask(t, line, nil); code != cli.ExitUsage && code != 3 || !strings.HasPrefix(said, want) {
			t.Errorf("%s: exit code %d\n%s\nwant %s", line, code, said, want)
		}
	}
}

package cli

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cimxml"
)

// options runs addConnectionFlags and connectionFlags.options on a command line.
func options(t *testing.T, env *Env, args ...string) (*cimxml.Options, error) {
	t.Helper()
	return connectionFlagsFor(t, args...).options(t.Context(), env, &url.URL{Scheme: "https", Host: "esx1"})
}

func connectionFlagsFor(t *testing.T, args ...string) *connectionFlags {
	t.Helper()
	cmd := &cobra.Command{}
	flags := addConnectionFlags(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestConnectionDefaults(t *testing.T) {
	o, err := options(t, &Env{})
	if err != nil {
		t.Fatal(err)
	}
	if o.User != "" || o.Password != "" || o.Namespace != "root/cimv2" || o.Timeout != 30*time.Second {
		t.Errorf("options are %+v", o)
	}
	if o.TLS == nil || o.TLS.InsecureSkipVerify {
		t.Error("the certificate would not be verified")
	}
}

// TestClient connects to a server whose certificate and password only the flags tell.
func TestClient(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "root" || password != "s3cret" {
			t.Errorf("credentials are %q and %q", user, password)
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(server.Close)

	pin := cimxml.FormatFingerprint(sha256.Sum256(server.Certificate().Raw))
	flags := connectionFlagsFor(t, "-u", "root", "--password-file", "-", "--fingerprint", pin)
	client, err := flags.client(t.Context(), &Env{Stdin: strings.NewReader("s3cret\n")}, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.EnumerateClassNames(t.Context(), "", "", false)
	if reply, ok := errors.AsType[*cimxml.HTTPError](err); !ok || reply.StatusCode != http.StatusForbidden {
		t.Errorf("error is %v, want the server's own", err)
	}
}

func TestClientBadURL(t *testing.T) {
	_, err := connectionFlagsFor(t).client(t.Context(), &Env{}, "esx1")
	if err == nil || diagnose(err).code != ExitUsage {
		t.Errorf("error is %v, want one of wrong usage", err)
	}
}

func TestCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from file \r\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	prompt := func(_ context.Context, text string) (string, error) {
		if text != "Password for root on esx1: " {
			t.Errorf("prompt is %q", text)
		}
		return "from prompt", nil
	}
	tests := []struct {
		name     string
		args     []string
		environ  map[string]string
		stdin    string
		user     string
		password string
	}{
		{name: "anonymous", environ: map[string]string{envPassword: "unused"}},
		{name: "flag and file", args: []string{"-u", "root", "--password-file", file}, user: "root", password: "from file "},
		{
			name: "flag and standard input", args: []string{"-u", "root", "--password-file", "-"},
			stdin: "from stdin", user: "root", password: "from stdin",
		},
		{
			name: "environment", environ: map[string]string{envUser: "root", envPassword: "from environment"},
			user: "root", password: "from environment",
		},
		{
			name: "file in the environment", environ: map[string]string{envUser: "root", envPasswordFile: file},
			user: "root", password: "from file ",
		},
		{
			name: "flags over environment", args: []string{"-u", "root", "--password-file", file},
			environ: map[string]string{envUser: "other", envPassword: "other"}, user: "root", password: "from file ",
		},
		{name: "prompt", args: []string{"-u", "root"}, user: "root", password: "from prompt"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			env := &Env{
				Stdin:        strings.NewReader(test.stdin),
				Getenv:       func(name string) string { return test.environ[name] },
				ReadPassword: prompt,
			}
			c, err := options(t, env, test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if c.User != test.user || c.Password != test.password {
				t.Errorf("credentials are %q and %q, want %q and %q", c.User, c.Password, test.user, test.password)
			}
		})
	}
}

func TestConnectionErrors(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  Env
		args []string
		code int
		want string
	}{
		{"no time", Env{}, []string{"--timeout", "0s"}, ExitUsage, "--timeout 0s"},
		{"no namespace", Env{}, []string{"-n", "/"}, ExitUsage, "the namespace is empty"},
		{"no such authorities", Env{}, []string{"--ca", "/nowhere/ca.pem"}, ExitFailed, "open /nowhere/ca.pem"},
		{"odd fingerprint", Env{}, []string{"--fingerprint", "ab:cd"}, ExitUsage, "64 hexadecimal digits"},
		{"no password", Env{}, []string{"-u", "root"}, ExitUsage, "no password for root on esx1"},
		{"no user", Env{}, []string{"--password-file", "f"}, ExitUsage, "without a user"},
		{"password in the user", Env{}, []string{"-u", "root:s3cret"}, ExitUsage, "must not contain a colon"},
		{"unreadable file", Env{}, []string{"-u", "root", "--password-file", "/nowhere/p"}, ExitFailed, "read the password: open /nowhere/p"},
		{"empty first line", Env{}, []string{"-u", "root", "--password-file", empty}, ExitFailed, "the first line is empty"},
		{
			"endless line", Env{Stdin: strings.NewReader(strings.Repeat("x", maxPassword+1))},
			[]string{"-u", "root", "--password-file", "-"}, ExitFailed, "longer than 4095 bytes",
		},
		{
			"broken input", Env{Stdin: iotest.ErrReader(errors.New("pipe broke"))},
			[]string{"-u", "root", "--password-file", "-"}, ExitFailed, "from standard input: pipe broke",
		},
		{
			"nobody answers", Env{ReadPassword: func(context.Context, string) (string, error) { return "", context.Canceled }},
			[]string{"-u", "root"}, ExitFailed, "ask for the password: context canceled",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := options(t, &test.env, test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want %q in it", err, test.want)
			}
			d := diagnose(err)
			if d.code != test.code {
				t.Errorf("exit code is %d, want %d", d.code, test.code)
			}
			if strings.Contains(err.Error()+d.hint, "s3cret") {
				t.Errorf("error %q or hint %q repeats the password", err, d.hint)
			}
		})
	}
}

func TestTrustNeedsTLS(t *testing.T) {
	for _, flag := range []string{"--ca", "--fingerprint"} {
		_, err := connectionFlagsFor(t, flag, "x").client(t.Context(), &Env{}, "http://esx1")
		if err == nil || diagnose(err).code != ExitUsage {
			t.Errorf("%s for http: error is %v, want one of wrong usage", flag, err)
		}
	}
	if _, err := connectionFlagsFor(t, "--insecure").client(t.Context(), &Env{}, "http://esx1"); err != nil {
		t.Errorf("--insecure for http, where it changes nothing: %v", err)
	}
}

// TestReplaceFileFails has what cannot be put in its place leave nothing behind, and fail under its own
// name.
func TestReplaceFileFails(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "connections.yaml")
	if err := os.MkdirAll(filepath.Join(name, "below"), 0o700); err != nil { // no file replaces that
		t.Fatal(err)
	}
	err := replaceFile(name, []byte("connections: {}\n"))
	failed, ok := errors.AsType[*fs.PathError](err)
	if !ok || failed.Path != name || strings.Contains(err.Error(), ".new-") {
		t.Errorf("got %v, want an error of %s", err, name)
	}
	if left, err := filepath.Glob(name + ".new-*"); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

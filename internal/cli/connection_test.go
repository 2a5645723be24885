package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/spf13/cobra"
)

const serverURL = "https://esx1"

// resolve runs addConnectionFlags and connectionFlags.resolve on a command line.
func resolve(t *testing.T, env *Env, args ...string) (*connection, error) {
	t.Helper()
	cmd := &cobra.Command{}
	flags := addConnectionFlags(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return flags.resolve(t.Context(), env, serverURL)
}

func TestResolveDefaults(t *testing.T) {
	c, err := resolve(t, &Env{})
	if err != nil {
		t.Fatal(err)
	}
	if c.URL.String() != "https://esx1:5989" || c.User != "" || c.Password != "" ||
		c.Namespace != "root/cimv2" || c.Timeout != 30*time.Second {
		t.Errorf("connection is %+v", c)
	}
	if c.TLS == nil || c.TLS.InsecureSkipVerify {
		t.Error("the certificate would not be verified")
	}
}

func TestResolveCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from file \r\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	prompt := func(_ context.Context, text string) (string, error) {
		if text != "Password for root on esx1:5989: " {
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
			c, err := resolve(t, env, test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if c.User != test.user || c.Password != test.password {
				t.Errorf("credentials are %q and %q, want %q and %q", c.User, c.Password, test.user, test.password)
			}
		})
	}
}

func TestResolveErrors(t *testing.T) {
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
		{"no password", Env{}, []string{"-u", "root"}, ExitUsage, "no password for root on esx1:5989"},
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
			_, err := resolve(t, &test.env, test.args...)
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

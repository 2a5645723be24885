package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func TestExecute(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		run    error // what the command returns
		code   int
		stderr string
	}{
		{name: "done", args: []string{"go", "A"}, code: ExitDone},
		{
			name: "failed", args: []string{"go", "A"}, run: errors.New("disk\nfull"),
			code: ExitFailed, stderr: "error: disk; full\n",
		},
		{
			name: "refused", args: []string{"go", "A"},
			run:  fmt.Errorf("GetInstance root/cimv2:CIM_Disk: %w", cim.Errorf(cim.StatusNotFound, "")),
			code: ExitRefused, stderr: "error: GetInstance root/cimv2:CIM_Disk: not found (CIM status 6)\n",
		},
		{
			name: "hint", args: []string{"go", "A"}, run: withHint(errors.New("locked"), "wait"),
			code: ExitFailed, stderr: "error: locked\nhint: wait\n",
		},
		{
			name: "usage found by the command", args: []string{"go", "A"}, run: usage(errors.New("odd A")),
			code: ExitUsage, stderr: "error: odd A\nhint: see \"cimwatch go --help\"\n",
		},
		{
			name: "canceled for its own reasons", args: []string{"go", "A"}, run: context.Canceled,
			code: ExitFailed, stderr: "error: context canceled\n",
		},
		{
			name: "missing argument", args: []string{"go"},
			code: ExitUsage, stderr: "error: missing argument URL\nhint: see \"cimwatch go --help\"\n",
		},
		{
			name: "optional argument", args: []string{"go", "A", "B"}, code: ExitDone,
		},
		{
			name: "flags that exclude each other", args: []string{"go", "A", "--ca", "f", "--insecure"},
			code: ExitUsage, stderr: "error: --ca and --insecure cannot be used together\n" +
				"hint: see \"cimwatch go --help\"\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stderr strings.Builder
			code := execute(t.Context(), rootWith(test.run), test.args, &stderr)
			if code != test.code {
				t.Errorf("exit code is %d, want %d", code, test.code)
			}
			if diff := cmp.Diff(test.stderr, stderr.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExecuteInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr strings.Builder
	code := execute(ctx, rootWith(fmt.Errorf("GetClass CIM_Fan: %w", context.Canceled)), []string{"go", "A"}, &stderr)
	if code != ExitFailed || stderr.String() != "error: interrupted\n" {
		t.Errorf("exit code %d and %q, want %d and an interruption", code, stderr.String(), ExitFailed)
	}
}

// TestRunIgnoresProcessArguments proves that no arguments mean none, not those of the process.
func TestRunIgnoresProcessArguments(t *testing.T) {
	var stdout, stderr strings.Builder
	code := Run(t.Context(), nil, Env{Stdout: &stdout, Stderr: &stderr})
	if code != ExitDone || !strings.Contains(stdout.String(), "Usage:") || stderr.String() != "" {
		t.Errorf("exit code %d, stdout %q, stderr %q, want help", code, stdout.String(), stderr.String())
	}
}

// rootWith returns a tree with one command, go URL [CLASS], that returns err.
func rootWith(err error) *cobra.Command {
	root := &cobra.Command{Use: "cimwatch", SilenceErrors: true, SilenceUsage: true}
	cmd := &cobra.Command{
		Use:  "go URL [CLASS]",
		Args: arguments("URL", "[CLASS]"),
		RunE: func(*cobra.Command, []string) error { return err },
	}
	addConnectionFlags(cmd)
	root.AddCommand(cmd)
	return root
}

func TestCalledAs(t *testing.T) {
	for path, want := range map[string]string{
		"/tmp/go-build417/b001/exe/cimwatch": "go run ./cmd/cimwatch",
		"/usr/local/bin/cimwatch":            "",
		"cimwatch":                           "",
	} {
		if got := calledAs(path); got != want {
			t.Errorf("calledAs(%q) is %q, want %q", path, got, want)
		}
	}
	if got := (&Env{}).program(); got != "cimwatch" {
		t.Errorf("a program of no known name is called %q", got)
	}
}

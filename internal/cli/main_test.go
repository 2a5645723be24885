package cli_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cimwatch/cimwatch/internal/cli"
)

var update = flag.Bool("update", false, "rewrite docs/cli.md and the expectations of the scripts")

// TestMain makes this test binary the cimwatch command of the scripts, signals included.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"cimwatch": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			code := cli.Run(ctx, os.Args[1:], cli.SystemEnv())
			stop()
			os.Exit(code)
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// With -race, every process would wait a second for late reports before it exits.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Values[processesKey{}] = processes{}
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "start": start, "await": await, "interrupt": interrupt, "finish": finish,
			"post": post, "play": play, "certificate": certificate, "archive": archive,
			"checks": checks, "cut": cut, "database": database, "expand": expand,
		},
	})
}

// exits runs a command as exec does and checks its exit code, which exec does not, and that
// a failure is told by one error and at most one hint:
//
//	exits 2 cimwatch --nope
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = strconv.Itoa(exit.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("exit code is %s, want %s", got, args[0])
	}
	stderr := "\n" + ts.ReadFile("stderr")
	failed := 1
	if got == "0" {
		failed = 0
	}
	if n := strings.Count(stderr, "\nerror: "); n != failed {
		ts.Fatalf("%d errors on stderr, want %d", n, failed)
	}
	if n := strings.Count(stderr, "\nhint: "); n > failed || strings.Contains(stderr, "goroutine ") {
		ts.Fatalf("more on stderr than an error and a hint")
	}
}

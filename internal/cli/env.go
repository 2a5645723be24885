package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Env is the world around one run of the command line, as far as commands use it, so that a
// test can be that world.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer // data
	Stderr io.Writer // everything else

	// Getenv returns an environment variable, "" where it is not set; nil: none is set.
	Getenv func(name string) string

	StdoutIsTerminal bool // allows colors
	StderrIsTerminal bool // allows progress

	// StdoutRows returns how many rows the terminal of Stdout has; nil: it is not known.
	StdoutRows func() int

	// Program is how this program was called, for commands that are shown; "" is cimwatch.
	Program string

	// ReadPassword shows the prompt to a person and returns what that person types
	// without showing it; nil: there is nobody to ask.
	ReadPassword func(ctx context.Context, prompt string) (string, error)

	// ReadLine shows the prompt to a person and returns the line that person types; nil:
	// there is nobody to ask.
	ReadLine func(ctx context.Context, prompt string) (string, error)
}

// SystemEnv returns the standard files, the environment and the terminal of this process.
func SystemEnv() Env {
	env := Env{
		Stdin:            os.Stdin,
		Stdout:           os.Stdout,
		Stderr:           os.Stderr,
		Getenv:           os.Getenv,
		StdoutIsTerminal: isTerminal(os.Stdout),
		StderrIsTerminal: isTerminal(os.Stderr),
		Program:          calledAs(os.Args[0]),
	}
	if env.StdoutIsTerminal {
		env.StdoutRows = stdoutRows
	}
	if isTerminal(os.Stdin) {
		env.ReadPassword = readPassword
		env.ReadLine = readLine
	}
	return env
}

// program returns how this program is called.
func (e *Env) program() string { return cmp.Or(e.Program, "cimwatch") }

// calledAs tells a program that go run made, which nobody finds again, from an installed one.
func calledAs(path string) string {
	if strings.Contains(path, "go-build") {
		return "go run ./cmd/cimwatch"
	}
	return ""
}

// getenv returns an environment variable, "" where it is not set.
func (e *Env) getenv(name string) string {
	if e.Getenv == nil {
		return ""
	}
	return e.Getenv(name)
}

// color reports whether standard output takes colors (see https://no-color.org).
func (e *Env) color() bool {
	return e.StdoutIsTerminal && e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb"
}

func isTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

func stdoutRows() int {
	_, rows, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return rows
}

// readPassword asks on the terminal. A read from it cannot be interrupted: when ctx ends, the
// reading goroutine stays behind for the little time the process has left, and the terminal
// gets its echo back here.
func readPassword(ctx context.Context, prompt string) (string, error) {
	fd := int(os.Stdin.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("prepare the terminal: %w", err)
	}
	type answer struct {
		password []byte
		err      error
	}
	answers := make(chan answer, 1)
	fmt.Fprint(os.Stderr, prompt)
	go func() {
		password, err := term.ReadPassword(fd)
		answers <- answer{password, err}
	}()
	select {
	case got := <-answers:
		fmt.Fprintln(os.Stderr)
		return string(got.password), got.err
	case <-ctx.Done():
		fmt.Fprintln(os.Stderr)
		return "", errors.Join(ctx.Err(), term.Restore(fd, state))
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// maxLine is far beyond what a person types.
const maxLine = 4096

// readLine asks on the terminal. When ctx ends, the reading goroutine stays behind for the
// little time the process has left: a read from a terminal cannot be interrupted.
func readLine(ctx context.Context, prompt string) (string, error) {
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	fmt.Fprint(os.Stderr, prompt)
	go func() {
		line, err := lineOf(os.Stdin)
		answers <- answer{line, err}
	}()
	select {
	case got := <-answers:
		return got.line, got.err
	case <-ctx.Done():
		fmt.Fprintln(os.Stderr)
		return "", ctx.Err()
	}
}

// lineOf reads a line and not a byte more, so that the next question gets the next line.
func lineOf(r io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); len(line) < maxLine; {
		n, err := r.Read(one)
		if n > 0 {
			if one[0] == '\n' {
				break
			}
			line = append(line, one[0])
		}
		if errors.Is(err, io.EOF) && len(line) > 0 {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(string(line)), nil
}

// choose lets a person choose one of list, and returns its index.
func (e *Env) choose(ctx context.Context, what string, list []string) (int, error) {
	for i, text := range list {
		note(e.Stderr, fmt.Sprintf("%4d  %s", i+1, text))
	}
	for {
		line, err := e.ReadLine(ctx, fmt.Sprintf("Number of the %s (1 to %d): ", what, len(list)))
		if err != nil {
			return 0, fmt.Errorf("ask for the %s: %w", what, err)
		}
		if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(list) {
			return n - 1, nil
		}
	}
}

var errNotConfirmed = errors.New("not confirmed, nothing was done")

// confirm asks a person whether to go on, and fails unless the answer is yes. Where there is
// nobody to ask, the command line was meant as it stands.
func (e *Env) confirm(ctx context.Context, question string) error {
	if e.ReadLine == nil {
		return nil
	}
	line, err := e.ReadLine(ctx, oneLine(question)+" [y/N] ")
	if err != nil {
		return fmt.Errorf("ask for confirmation: %w", err)
	}
	if !strings.EqualFold(line, "y") && !strings.EqualFold(line, "yes") {
		return errNotConfirmed
	}
	return nil
}

package cli

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// answering returns an Env with a person who gives these answers and then leaves.
func answering(stderr io.Writer, answers ...string) *Env {
	return &Env{Stderr: stderr, ReadLine: func(context.Context, string) (string, error) {
		if len(answers) == 0 {
			return "", io.EOF
		}
		answer := answers[0]
		answers = answers[1:]
		return answer, nil
	}}
}

func TestChoose(t *testing.T) {
	var shown strings.Builder
	n, err := answering(&shown, "0", "3", "two", "2").choose(t.Context(), "fan", []string{"a", "b\x1b"})
	if err != nil || n != 1 {
		t.Errorf("chose %d, error %v, want 1", n, err)
	}
	if shown.String() != "   1  a\n   2  b\\x1b\n" {
		t.Errorf("shown is %q", &shown)
	}
	if _, err := answering(io.Discard).choose(t.Context(), "fan", []string{"a"}); !errors.Is(err, io.EOF) {
		t.Errorf("error is %v, want that of the terminal", err)
	}
}

func TestConfirm(t *testing.T) {
	for answer, want := range map[string]bool{"y": true, "YES": true, "": false, "n": false, "yep": false} {
		if err := answering(io.Discard, answer).confirm(t.Context(), "Delete?"); (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
	}
	if err := (&Env{}).confirm(t.Context(), "Delete?"); err != nil {
		t.Errorf("with nobody to ask: %v", err)
	}
	if err := answering(io.Discard).confirm(t.Context(), "Delete?"); !errors.Is(err, io.EOF) {
		t.Errorf("error is %v, want that of the terminal", err)
	}
}

func TestLineOf(t *testing.T) {
	r := strings.NewReader(" one \r\ntwo\nthree")
	for _, want := range []string{"one", "two", "three"} {
		if got, err := lineOf(r); err != nil || got != want {
			t.Errorf("line is %q, error %v, want %q", got, err, want)
		}
	}
	if _, err := lineOf(r); !errors.Is(err, io.EOF) {
		t.Errorf("error at the end is %v", err)
	}
	long, err := lineOf(strings.NewReader(strings.Repeat("x", 2*maxLine)))
	if err != nil || len(long) != maxLine {
		t.Errorf("read %d characters, error %v, want %d", len(long), err, maxLine)
	}
}

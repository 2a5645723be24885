package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/web"
)

// demoLine is a line of demo -o json as docs/json.md describes it.
type demoLine struct {
	Type       string         `json:"type"`
	Time       time.Time      `json:"time"`
	Places     map[string]any `json:"places"`
	Text       string         `json:"text"`
	Class      string         `json:"class"`
	Severity   string         `json:"severity"`
	Element    string         `json:"element"`
	Changes    []web.Change   `json:"changes"`
	Components map[string]int `json:"components"`
	Totals     *struct {
		Indications int `json:"indications"`
		Changes     int `json:"changes"`
	} `json:"totals"`
}

// demoLines reads lines and refuses fields that are not described.
func demoLines(t *testing.T, text string) (lines []demoLine) {
	t.Helper()
	for line := range strings.Lines(text) {
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		var l demoLine
		if err := d.Decode(&l); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if d.More() || l.Time.IsZero() {
			t.Errorf("line %q: more than an object, or no time", line)
		}
		lines = append(lines, l)
	}
	return lines
}

func TestDemoJSON(t *testing.T) {
	var stdout, stderr strings.Builder
	started := time.Now()
	code := cli.Run(t.Context(), []string{"demo", "--speed", "1000", "-o", "json"}, cli.Env{Stdout: &stdout, Stderr: &stderr})
	if code != cli.ExitDone || stderr.String() != "" {
		t.Fatalf("exit code %d, stderr %q", code, stderr.String())
	}
	if took := time.Since(started); took > patience {
		t.Errorf("it took %s", took)
	}
	lines := demoLines(t, stdout.String())
	var types []string
	indications, changes := 0, 0
	for _, l := range lines {
		types = append(types, l.Type)
		if l.Type == "indication" {
			indications++
			changes += len(l.Changes)
			checkDemoIndication(t, l)
		}
	}
	order := slices.Compact(slices.Clone(types))
	if want := []string{"places", "subscribing", "inventory", "step", "indication"}; !slices.Equal(order[:5], want) {
		t.Errorf("it begins with %v, want %v", order[:5], want)
	}
	last := lines[len(lines)-1]
	if last.Type != "summary" || last.Totals == nil || last.Totals.Indications != indications || last.Totals.Changes != changes {
		t.Errorf("the last line is %+v, want a summary of %d indications and %d changes", last, indications, changes)
	}
	steps := 0
	for _, kind := range types {
		if kind == "step" {
			steps++
		}
	}
	if steps != 12 || indications < 12 {
		t.Errorf("%d steps with %d indications, want 12 with as many or more", steps, indications)
	}
}

func checkDemoIndication(t *testing.T, l demoLine) {
	t.Helper()
	if l.Class == "" || l.Severity == "" || l.Element == "" {
		t.Errorf("indication without class, severity or element: %+v", l)
	}
	if len(l.Changes) == 0 {
		t.Errorf("%s %q changed nothing", l.Class, l.Text)
	}
	for _, c := range l.Changes {
		if c.Host != "demo" || c.Cause.Class != l.Class || c.Cause.Entry == 0 {
			t.Errorf("change %+v of an indication of %s", c, l.Class)
		}
	}
}

// TestDemoKeep reads the inventory of a demo that stays up, by its address, then of its
// file: they are one.
func TestDemoKeep(t *testing.T) {
	db := filepath.Join(t.TempDir(), "demo.db")
	demo := background(t, "demo", "--speed", "1000", "--keep", "--db", db, "-o", "json")
	var places map[string]any
	for {
		l := demo.next(t)
		if l.Type == "places" {
			places = l.Places
		}
		if l.Type == "summary" {
			break
		}
	}
	address := fmt.Sprint(places["metrics"])
	questions := [][]string{
		{"list", "-o", "json"}, {"history", "-o", "json"}, {"history", "demo", "DIMM_B2", "-o", "json"},
		{"show", "DEMO", "system bios", "-o", "json"}, {"list", "--host", "demo"}, {"history"},
	}
	ask := func(from ...string) (answers []string) {
		for _, question := range questions {
			answers = append(answers, run(t, append(append([]string{"inventory"}, question...), from...)...))
		}
		return answers
	}
	byAddress := ask("--address", address)
	if code := demo.stop(); code != cli.ExitDone {
		t.Errorf("exit code %d, stderr %q", code, demo.stderr.String())
	}
	for n, answer := range ask("--db", db) {
		if answer != byAddress[n] || len(answer) < 100 {
			t.Errorf("%v: the file says\n%s\nthe daemon said\n%s", questions[n], answer, byAddress[n])
		}
	}
}

func TestDemoInterrupted(t *testing.T) {
	demo := background(t, "demo", "--speed", "0.01", "-o", "json")
	for kind := ""; kind != "inventory"; {
		kind = demo.next(t).Type
	}
	if code := demo.stop(); code != cli.ExitFailed || demo.stderr.String() != "error: interrupted\n" {
		t.Errorf("exit code %d, stderr %q", code, demo.stderr.String())
	}
}

// run runs a command that must succeed and returns what it prints.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	if code := cli.Run(t.Context(), args, cli.Env{Stdout: &stdout, Stderr: &stderr}); code != cli.ExitDone {
		t.Errorf("%v: exit code %d, stderr %q", args, code, stderr.String())
	}
	return stdout.String()
}

// A command runs in this process beside the test.
type command struct {
	lines  *bufio.Scanner // of standard output
	stderr strings.Builder
	stop   func() int // interrupts it and returns its exit code
}

func background(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r, w := io.Pipe()
	c := &command{lines: bufio.NewScanner(r)}
	c.lines.Buffer(nil, 1<<20)
	ended := make(chan struct{})
	code := 0
	go func() {
		defer close(ended)
		code = cli.Run(ctx, args, cli.Env{Stdout: w, Stderr: &c.stderr})
		_ = w.Close() // never fails
	}()
	c.stop = func() int {
		cancel()
		_ = r.Close() // what it prints from here on is of no interest
		<-ended
		return code
	}
	t.Cleanup(func() { c.stop() })
	return c
}

// next returns the next line of demo -o json.
func (c *command) next(t *testing.T) demoLine {
	t.Helper()
	if !c.lines.Scan() {
		t.Fatalf("the output ended: %v, stderr %q", c.lines.Err(), c.stderr.String())
	}
	return demoLines(t, c.lines.Text())[0]
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is a line of go test -json (see go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string // "" for what concerns the whole package
	Elapsed float64
	Output  string
}

// reporter collects the output of each test until it is known whether anyone wants to see it.
type reporter struct {
	out     io.Writer
	verbose bool

	outputs map[string][]string // by package and test
	skips   []string
	passed  int
	failed  int
}

// report copies the results from in to out. Lines that are no events, such as those of a
// compiler, are copied as they are.
func report(in io.Reader, out io.Writer, verbose bool) error {
	r := &reporter{out: out, verbose: verbose, outputs: map[string][]string{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			r.line(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
	}
	return r.summary()
}

func (r *reporter) line(line string) {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		r.print(line)
		return
	}
	key := e.Package + "\x00" + e.Test
	switch e.Action {
	case "output":
		r.output(key, e)
	case "build-output":
		r.print(e.Output)
	case "pass", "fail", "skip":
		r.result(key, e)
		delete(r.outputs, key)
	}
}

func (r *reporter) output(key string, e event) {
	// The package's result line and the output of TestMain, without a lone PASS.
	if e.Test == "" {
		if e.Output != "PASS\n" {
			r.print(e.Output)
		}
		return
	}
	r.outputs[key] = append(r.outputs[key], e.Output)
}

func (r *reporter) result(key string, e event) {
	if e.Test == "" {
		return
	}
	switch e.Action {
	case "pass":
		r.passed++
		if r.verbose && !strings.Contains(e.Test, "/") {
			r.print(fmt.Sprintf("--- PASS: %s (%.2fs)\n", e.Test, e.Elapsed))
		}
	case "fail":
		r.failed++
		r.print(strings.Join(r.outputs[key], ""))
	case "skip":
		r.skips = append(r.skips, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(r.outputs[key])))
	}
}

// reason returns the text that a skipped test gave, without the frame that go test puts around it.
func reason(output []string) string {
	var words []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, text, ok := strings.Cut(line, ".go:"); ok {
			_, line, _ = strings.Cut(text, ": ")
		}
		words = append(words, line)
	}
	if len(words) == 0 {
		return "no reason given"
	}
	return strings.Join(words, " ")
}

func (r *reporter) summary() error {
	for _, skip := range r.skips {
		r.print("skipped: " + skip + "\n")
	}
	_, err := fmt.Fprintf(r.out, "%d tests passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skips))
	return err
}

// print leaves write errors to the summary, which meets the same one.
func (r *reporter) print(text string) { _, _ = io.WriteString(r.out, text) }

package mof

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The conformance tables are JSON files: inputs, and what comes of them. Ours are in
// testdata. Those of another implementation are beside the checkout, or in the directory
// that CIMWATCH_CONFORMANCE names.

// runConformance runs the cases of both tables of a name; run returns what is wrong, ""
// for nothing. differing names the cases in which this package differs on purpose from
// the other implementation, by their description, with the reason; "*" stands for any
// text, for cases that are not in the tables beside the checkout. A whole name that
// agrees or is not there is an error, so that the list stays true.
func runConformance[C any](t *testing.T, table string, differing map[string]string, run func(C) string) {
	t.Run("own", func(t *testing.T) {
		o := runTable(t, "testdata/conformance", table, nil, run)
		o.report(t, table)
	})
	t.Run("other", func(t *testing.T) {
		dir, elsewhere := os.LookupEnv("CIMWATCH_CONFORMANCE")
		if dir == "" {
			dir, elsewhere = "../../shared/conformance", false
		}
		o := runTable(t, dir, table, differing, run)
		for _, name := range slices.Sorted(maps.Keys(o.unseen)) {
			if !elsewhere && !strings.Contains(name, "*") {
				t.Errorf("%s is listed as differing, but is not there", name)
			}
		}
		o.report(t, table)
	})
}

// outcome counts what came of a table.
type outcome struct {
	passed, differ, failed int
	unseen                 map[string]string // entries of the list that no case was under
}

func (o outcome) report(t *testing.T, table string) {
	t.Helper()
	t.Logf("%s: %d passed, %d differ on purpose, %d failed", table, o.passed, o.differ, o.failed)
	if o.passed+o.differ+o.failed == 0 {
		t.Errorf("%s holds no cases", table)
	}
}

func runTable[C any](t *testing.T, dir, table string, differing map[string]string, run func(C) string) outcome {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, table+".json"))
	if err != nil {
		t.Skipf("no conformance table: %v (set CIMWATCH_CONFORMANCE to their directory)", err)
	}
	var file struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	o := outcome{unseen: maps.Clone(differing)}
	for _, raw := range file.Cases {
		var head struct{ Desc string }
		var c C
		if err := errors.Join(json.Unmarshal(raw, &head), json.Unmarshal(raw, &c)); err != nil {
			t.Fatalf("%s: %v", head.Desc, err)
		}
		problem, entry := run(c), differs(differing, head.Desc)
		delete(o.unseen, entry)
		switch {
		case problem == "" && entry == head.Desc && entry != "":
			o.failed++
			t.Errorf("%s agrees, but is listed as differing: %s", entry, differing[entry])
		case problem == "":
			o.passed++
		case entry != "":
			o.differ++
			t.Logf("%s: %s: %s", head.Desc, problem, differing[entry])
		default:
			o.failed++
			t.Errorf("%s: %s", head.Desc, problem)
		}
	}
	return o
}

// differs returns the entry of the list that a name is under, "" for none.
func differs(differing map[string]string, name string) string {
	if differing[name] != "" {
		return name
	}
	for entry := range differing {
		if matches(entry, name) {
			return entry
		}
	}
	return ""
}

func matches(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 || !strings.HasPrefix(name, parts[0]) {
		return pattern == name
	}
	rest := name[len(parts[0]):]
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[last])
}

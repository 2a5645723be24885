package cim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// readCases reads a table of the directory that CIMWATCH_CONFORMANCE names, by default
// one beside the checkout.
func readCases[C any](t *testing.T, table string) []C {
	t.Helper()
	dir := os.Getenv("CIMWATCH_CONFORMANCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "conformance")
	}
	text, err := os.ReadFile(filepath.Join(dir, table+".json"))
	if err != nil {
		t.Skipf("no conformance cases: %v", err)
	}
	var file struct{ Cases []C }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	if len(file.Cases) == 0 {
		t.Fatalf("%s has no cases", table)
	}
	return file.Cases
}

// tally counts the outcomes of a table.
type tally struct{ passed, differing, failed int }

func (n *tally) count(t *testing.T, name, problem, reason string) {
	t.Helper()
	switch {
	case problem == "":
		n.passed++
	case reason != "":
		n.differing++
		t.Logf("differs: %s: %s: %s", name, problem, reason)
	default:
		n.failed++
		t.Errorf("%s: %s", name, problem)
	}
}

func (n *tally) report(t *testing.T, table string) {
	t.Helper()
	t.Logf("%s: %d passed, %d differing, %d failed", table, n.passed, n.differing, n.failed)
}

type dateTimeCase struct {
	Input  string
	Expect struct {
		Error  string
		Result *struct {
			Kind, String          string
			Precision             *int
			Offset                int `json:"minutes_from_utc"`
			Microseconds, RFC3339 string
		}
	}
}

func TestConformanceDateTime(t *testing.T) {
	var n tally
	for _, c := range readCases[dateTimeCase](t, "datetime") {
		n.count(t, c.Input, c.problem(), "")
	}
	n.report(t, "datetime")
}

func (c dateTimeCase) problem() string {
	d, err := cim.ParseDateTime(c.Input)
	want := c.Expect.Result
	switch {
	case want == nil && err == nil:
		return "is taken, want " + c.Expect.Error
	case want == nil:
		return ""
	case err != nil:
		return err.Error()
	case d.IsInterval() != (want.Kind == "interval") || d.String() != want.String || d.Offset() != want.Offset:
		return "is " + d.String() + ", want " + want.Kind + " " + want.String
	case want.Precision == nil && d.Precision() != 0, want.Precision != nil && d.Precision() != *want.Precision:
		return "has the precision " + strconv.Itoa(d.Precision())
	case want.Microseconds != "" && strconv.FormatInt(d.Microseconds(), 10) != want.Microseconds:
		return "has " + strconv.FormatInt(d.Microseconds(), 10) + " microseconds, want " + want.Microseconds
	case want.RFC3339 != "":
		moment, err := time.Parse(time.RFC3339Nano, want.RFC3339)
		if got, _ := d.Time(); err != nil || !got.Equal(moment) {
			return "is " + got.String() + ", want " + want.RFC3339
		}
	}
	return ""
}

type pathCase struct {
	Desc, For, URI string
	Expect         struct {
		Error  string
		Result *pathResult
	}
}

type pathResult struct {
	Class     string `json:"classname"`
	Namespace string
	Host      string
	Keys      []struct {
		Name, Type string
		Value      json.RawMessage
	} `json:"keybindings"`
}

// knownDifference tells where cimwatch is right to differ.
func knownDifference(problem string) string {
	if strings.HasSuffix(problem, "is a char16, want string") {
		return "a key in single quotes keeps its type"
	}
	return ""
}

func TestConformancePathFromURI(t *testing.T) {
	var n tally
	for _, c := range readCases[pathCase](t, "wbem_uri_from") {
		p, err := cim.ParseObjectPath(c.URI)
		problem := ""
		switch refused := err != nil || p.IsInstance() != (c.For == "CIMInstanceName"); {
		case refused && c.Expect.Result != nil && err != nil:
			problem = err.Error()
		case refused && c.Expect.Result != nil:
			problem = "is no path of a " + c.For
		case !refused && c.Expect.Result == nil:
			problem = "is taken as " + p.String() + ", want " + c.Expect.Error
		case !refused:
			problem = c.Expect.Result.compare(p)
		}
		n.count(t, c.For+" "+c.Desc, problem, knownDifference(problem))
	}
	n.report(t, "wbem_uri_from")
}

func (r *pathResult) compare(p cim.ObjectPath) string {
	if !cim.EqualNames(p.Class, r.Class) || p.Namespace != r.Namespace || p.Host != r.Host || len(p.Keys) != len(r.Keys) {
		return "is " + describe(p)
	}
	for _, k := range r.Keys {
		v := p.Key(k.Name)
		if kindOf(v) != k.Type {
			return "key " + k.Name + " is a " + v.Type().String() + ", want " + k.Type
		}
		if problem := compareKey(v, k.Value); problem != "" {
			return "key " + k.Name + " " + problem
		}
	}
	return ""
}

// kindOf names the type of a key as the tables do.
func kindOf(v cim.Value) string {
	if v.Type().IsReal() {
		return "real"
	}
	return v.Type().String()
}

func compareKey(v cim.Value, want json.RawMessage) string {
	if p, ok := v.Reference(); ok {
		var r pathResult
		if err := json.Unmarshal(want, &r); err != nil {
			return err.Error()
		}
		return r.compare(p)
	}
	text := strings.Trim(string(want), `"`)
	if v.Type() == cim.TypeString || v.Type() == cim.TypeChar16 || v.Type() == cim.TypeDateTime {
		if err := json.Unmarshal(want, &text); err != nil {
			return err.Error()
		}
	}
	expected, err := cim.ParseValue(v.Type(), text)
	if err != nil || !expected.Equal(v) {
		return "is " + v.Lexical() + ", want " + string(want)
	}
	return ""
}

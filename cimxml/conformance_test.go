package cimxml

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// The conformance tables are JSON files beside the checkout, or in the directory that
// CIMWATCH_CONFORMANCE names: inputs, and what another implementation makes of them.

// A conformanceCase has the fields of all tables; each uses some.
type conformanceCase struct {
	Name, Desc    string
	XML           string
	XMLBase64     []byte `json:"xml_b64"`
	URL           string
	AllowDefaults bool `json:"allow_defaults"`
	Object        any
	Args          map[string]any
	Operation     string
	Connection    connection
	HTTPRequest   httpRequest  `json:"http_request"`
	HTTPResponse  httpResponse `json:"http_response"`
	Expect        expectation
}

type connection struct {
	URL, User, Password string
	Namespace           string `json:"default_namespace"`
}

type httpRequest struct {
	Headers map[string]string
	Body    string
}

type httpResponse struct {
	Status         int
	Headers        map[string]string
	Body           string
	TransportError string `json:"transport_error"`
}

type expectation struct {
	Result any
	Error  string
	Status cim.Status `json:"cim_status"`
}

// errNotCovered wraps the reason why a case has nothing to be run against.
type errNotCovered string

func (e errNotCovered) Error() string { return string(e) }

// runConformance runs the cases of a table. differing names the cases in which this
// package differs on purpose, by description or name, with the reason; "*" stands for
// any beginning. A name of the list that nothing differs under is an error, so that the
// list stays true; but not with cases from elsewhere, which need not have them all.
func runConformance(t *testing.T, table string, differing map[string]string, run func(conformanceCase) error) {
	t.Helper()
	passed, failed := 0, 0
	seen := map[string]int{}
	uncovered := map[string]int{}
	for _, c := range conformanceCases(t, table) {
		name := c.Desc
		if c.Name != "" {
			name = c.Name
		}
		err := run(c)
		var reason errNotCovered
		switch {
		case errors.As(err, &reason):
			uncovered[string(reason)]++
		case err != nil && differs(differing, name) != "":
			seen[differs(differing, name)]++
		case err != nil:
			failed++
			t.Errorf("%s: %v", name, err)
		default:
			passed++
		}
	}
	for name := range differing {
		if seen[name] == 0 && os.Getenv("CIMWATCH_CONFORMANCE") == "" {
			t.Errorf("%s is listed as differing, but agrees or is not there", name)
		}
	}
	differ := 0
	for _, n := range seen {
		differ += n
	}
	t.Logf("%s: %d passed, %d differ on purpose, %d failed", table, passed, differ, failed)
	for _, reason := range slices.Sorted(maps.Keys(uncovered)) {
		t.Logf("%s: %d not covered: %s", table, uncovered[reason], reason)
	}
}

// differs returns the entry of the list that a name is under, "" for none.
func differs(differing map[string]string, name string) string {
	for entry := range differing {
		end, many := strings.CutPrefix(entry, "*")
		if entry == name || many && strings.HasSuffix(name, end) {
			return entry
		}
	}
	return ""
}

func conformanceCases(t *testing.T, table string) []conformanceCase {
	t.Helper()
	dir := os.Getenv("CIMWATCH_CONFORMANCE")
	if dir == "" {
		dir = "../../shared/conformance"
	}
	text, err := os.ReadFile(filepath.Join(dir, table+".json"))
	if err != nil {
		t.Skipf("no conformance table: %v (set CIMWATCH_CONFORMANCE to their directory)", err)
	}
	var cases struct{ Cases []conformanceCase }
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases.Cases) == 0 {
		t.Fatalf("%s holds no cases", table)
	}
	return cases.Cases
}

// agreeOnError compares the outcome of reading with the error that is expected, "" for none.
func agreeOnError(err error, want string) error {
	kinds := map[string][]error{
		"":                     nil,
		"XMLParseError":        {ErrNotWellFormed, ErrNotUTF8},
		"CIMXMLParseError":     {ErrNotValid, ErrBatch},
		"CIMVersionError":      {ErrCIMVersion},
		"DTDVersionError":      {ErrDTDVersion},
		"ProtocolVersionError": {ErrProtocolVersion},
	}
	switch kind, ok := kinds[want]; {
	case !ok:
		return fmt.Errorf("unknown error %s is expected", want)
	case want == "":
		return err
	case err == nil:
		return fmt.Errorf("want %s, got no error", want)
	case !slices.ContainsFunc(kind, func(k error) bool { return errors.Is(err, k) }):
		return fmt.Errorf("want %s, got %w", want, err)
	}
	return nil
}

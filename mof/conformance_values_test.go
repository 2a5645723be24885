package mof

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

type unitCase struct {
	PUnit, Units *string
	ASCII        bool `json:"use_ascii"`
	Expect       struct{ Error, Result string }
}

func TestConformanceUnits(t *testing.T) {
	runConformance(t, "units", map[string]string{
		"* * 10 ^ -6": "millionths are µ wherever they come from, as they are in Units",
	}, unitCase.problem)
}

func (c unitCase) problem() string {
	var list []cim.Qualifier
	for name, text := range map[string]*string{"PUnit": c.PUnit, "Units": c.Units} {
		if text != nil {
			list = append(list, cim.Qualifier{Name: name, Value: cim.String(*text)})
		}
	}
	u, ok := NewUnit(list)
	got := u.String()
	if c.ASCII {
		got = u.ASCII()
	}
	if ok != (c.Expect.Error == "") || got != c.Expect.Result {
		return fmt.Sprintf("got %q %v, want %q %s", got, ok, c.Expect.Result, c.Expect.Error)
	}
	return ""
}

type valueMapCase struct {
	Type     string
	ValueMap []string
	Values   []string
	Default  *string `json:"values_default"`
	Expect   struct {
		Error  string
		Result struct {
			ToValues [][2]*string
			Items    [][2]any
		}
	}
}

func TestConformanceValueMaps(t *testing.T) {
	const endless = "ranges that look to each other for their end reach to the limits of the type"
	differing := map[string]string{}
	for _, typ := range []string{"uint8", "uint16", "uint32", "uint64", "sint8", "sint16", "sint32", "sint64"} {
		differing["*"+typ+" ['..6', '9..', '..']"] = endless
		differing["*"+typ+" ['0', '2..', '..6', '7']"] = endless
	}
	runConformance(t, "valuemapping", differing, valueMapCase.problem)
}

func (c valueMapCase) problem() string {
	typ, err := cim.ParseType(c.Type)
	if err != nil {
		return err.Error()
	}
	var m *ValueMap
	if c.Default != nil {
		m, err = NewValueMapDefault(typ, c.ValueMap, c.Values, *c.Default)
	} else {
		m, err = NewValueMap(typ, c.ValueMap, c.Values)
	}
	if (err != nil) != (c.Expect.Error != "") {
		return fmt.Sprintf("got error %v, want %q", err, c.Expect.Error)
	}
	for _, pair := range c.Expect.Result.ToValues {
		v, err := cim.ParseValue(typ, *pair[0])
		if err != nil {
			return err.Error()
		}
		if got, ok := m.Meaning(v); ok != (pair[1] != nil) || ok && got != *pair[1] {
			return fmt.Sprintf("%s means %q %v", *pair[0], got, ok)
		}
	}
	if got, want := entryTexts(m), itemTexts(c.Expect.Result.Items); err == nil && !slices.Equal(got, want) {
		return fmt.Sprintf("entries %q, want %q", got, want)
	}
	return ""
}

func entryTexts(m *ValueMap) (texts []string) {
	for _, e := range m.Entries() {
		texts = append(texts, e.Low.String()+" "+e.High.String()+" "+e.Meaning)
	}
	return texts
}

// itemTexts writes entries as entryTexts does: a number, a pair, or nil for all others.
func itemTexts(items [][2]any) (texts []string) {
	for _, item := range items {
		low, high := "NULL", "NULL"
		switch key := item[0].(type) {
		case string:
			low, high = key, key
		case []any:
			low, high = fmt.Sprint(key[0]), fmt.Sprint(key[1])
		}
		texts = append(texts, low+" "+high+" "+fmt.Sprint(item[1]))
	}
	return texts
}

type integerCase struct {
	Input  string
	Expect struct{ Result *string }
}

// TestConformanceIntegers runs integer literals.
func TestConformanceIntegers(t *testing.T) {
	runConformance(t, "mof_integer", nil, integerCase.problem)
}

func (c integerCase) problem() string {
	s, err := Compile([]Source{{Name: "x", Text: []byte("class A { sint64 X = " + c.Input + "; };")}}, nil)
	if (err != nil) != (c.Expect.Result == nil) {
		return fmt.Sprint(err)
	}
	if err != nil {
		return ""
	}
	n, _ := s.Local("A").Properties[0].Value.Int64()
	if got := strconv.FormatInt(n, 10); got != *c.Expect.Result {
		return fmt.Sprintf("%s, want %s", got, *c.Expect.Result)
	}
	return ""
}

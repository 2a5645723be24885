package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
)

func TestSplitElements(t *testing.T) {
	for _, test := range []struct {
		text string
		want []element
	}{
		{`{}`, nil},
		{`{ }`, nil},
		{`{a,b}`, []element{{text: "a"}, {text: "b"}}},
		{`{a b , c }`, []element{{text: "a b"}, {text: "c"}}},
		{`{"a, b",c}`, []element{{text: "a, b"}, {text: "c"}}},
		{`{"say ""no""","say \"no\""}`, []element{{text: `say "no"`}, {text: `say "no"`}}},
		{`{a,NULL,"NULL",null}`, []element{{text: "a"}, {text: "NULL", null: true}, {text: "NULL"}, {text: "null", null: true}}},
		{`{"",,x}`, []element{{}, {}, {text: "x"}}},
		{`{"a\tb\x41\\"}`, []element{{text: "a\tbA\\"}}},
		{`{C:\new,"C:\\new"}`, []element{{text: `C:\new`}, {text: `C:\new`}}},
		{`{"}"}`, []element{{text: "}"}}},
	} {
		got, err := splitElements(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(element{})); diff != "" {
			t.Errorf("%s: %s", test.text, diff)
		}
	}
}

func TestSplitElementsErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{a,"b'`:  "a quote is missing",
		`{a,b`:    "the brace } is missing at the end",
		`{`:       "the brace } is missing at the end",
		`{a"b,c}`: "a quote is missing or in the wrong place",
		`{"a"b}`:  "a quote is missing or in the wrong place",
		`{a}b}`:   "a brace } within",
		`{"a\q"}`: "a backslash within quotes",
		`{"a\x"}`: "a backslash within quotes",
		`{"a}`:    "a quote is missing",
	} {
		if got, err := splitElements(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v and %v, want %q", text, got, err, want)
		}
	}
}

// TestArrayText reads every array that is written, and nothing else than was written.
func TestArrayText(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ ,"{}\\NULlnx]{0,6}`))
	rapid.Check(t, func(t *rapid.T) {
		var want []element
		var values []cim.Value
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			if rapid.Bool().Draw(t, "null") {
				want, values = append(want, element{text: "NULL", null: true}), append(values, cim.Null(cim.TypeString))
				continue
			}
			s := text.Draw(t, "text")
			want, values = append(want, element{text: s}), append(values, cim.String(s))
		}
		written := arrayText(cim.ArrayOf(cim.TypeString, values...), elementText)
		got, err := splitElements(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(element{})); diff != "" {
			t.Errorf("%s: %s", written, diff)
		}
	})
}

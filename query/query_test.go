package query_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/query"
)

func mustParse(t *testing.T, language, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(language, text)
	if err != nil {
		t.Fatalf("Parse(%s, %s): %v", language, text, err)
	}
	return q
}

func TestParse(t *testing.T) {
	tests := []struct {
		language, text string
		class          string
		properties     []string
		printed        string
	}{
		{"WQL", `SELECT * FROM CIM_AlertIndication`, "CIM_AlertIndication", nil, `SELECT * FROM CIM_AlertIndication`},
		{"wql", "select\t*\r\nfrom Test_Indication", "Test_Indication", nil, `SELECT * FROM Test_Indication`},
		{"CIM:CQL", `Select A.x, y FROM a`, "a", []string{"x", "y"}, `SELECT x, y FROM a`},
		{"DMTF:CQL", `SELECT A.* FROM A`, "A", nil, `SELECT * FROM A`},
		{"dmtf:cql", `SELECT a, * FROM A`, "A", nil, `SELECT * FROM A`},
		{"WQL", `SELECT * FROM A WHERE x='it''s'`, "A", nil, `SELECT * FROM A WHERE x = "it's"`},
		{"CIM:CQL", `SELECT * FROM A WHERE x="it's \"\\ \%"`, "A", nil, `SELECT * FROM A WHERE x = 'it\'s "\\ \\%'`},
		{"WQL", `SELECT * FROM A WHERE x!=-0x1F AND y<1.5e3 OR z>=+7`, "A", nil, `SELECT * FROM A WHERE x <> -31 AND y < 1.5E+03 OR z >= 7`},
		{"WQL", `SELECT * FROM A WHERE (a=1 OR b=2) AND NOT (c=3 AND d=4)`, "A", nil, `SELECT * FROM A WHERE (a = 1 OR b = 2) AND NOT (c = 3 AND d = 4)`},
		{"WQL", `SELECT * FROM A WHERE ((a=1)) OR (b=2 AND (c=3))`, "A", nil, `SELECT * FROM A WHERE a = 1 OR b = 2 AND c = 3`},
		{"WQL", `SELECT * FROM A WHERE a=1 OR (b=2 OR c=3)`, "A", nil, `SELECT * FROM A WHERE a = 1 OR (b = 2 OR c = 3)`},
		{"WQL", `SELECT * FROM A WHERE NOT NOT a IS NULL`, "A", nil, `SELECT * FROM A WHERE NOT NOT a IS NULL`},
		{"WQL", `SELECT * FROM A WHERE a is not null`, "A", nil, `SELECT * FROM A WHERE a IS NOT NULL`},
		{"WQL", `SELECT * FROM A WHERE a NOT LIKE 'x%' AND b like "\%\_"`, "A", nil, `SELECT * FROM A WHERE NOT a LIKE "x%" AND b LIKE "\\%\\_"`},
		{"WQL", `SELECT * FROM A WHERE SourceInstance ISA "CIM_Fan"`, "A", nil, `SELECT * FROM A WHERE SourceInstance ISA CIM_Fan`},
		{"CIM:CQL", `SELECT * FROM A WHERE SourceInstance.CIM_Fan::OperationalStatus[*] <> PreviousInstance.CIM_Fan::OperationalStatus[0]`, "A", nil,
			`SELECT * FROM A WHERE SourceInstance.CIM_Fan::OperationalStatus[*] <> PreviousInstance.CIM_Fan::OperationalStatus[0]`},
		{"CIM:CQL", `SELECT * FROM A WHERE A.A.x = 1 AND A = NULL`, "A", nil, `SELECT * FROM A WHERE A.A.x = 1 AND A = NULL`},
		{"CIM:CQL", `SELECT * FROM A WHERE true = B.c`, "A", nil, `SELECT * FROM A WHERE TRUE = B.c`},
		{"WQL", `SELECT * FROM A WHERE a = 99999999999999999999`, "A", nil, `SELECT * FROM A WHERE a = 1.0E+20`},
		{"WQL", `SELECT ſelect FROM ıs`, "ıs", []string{"ſelect"}, `SELECT ſelect FROM ıs`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			q := mustParse(t, tt.language, tt.text)
			if q.Class() != tt.class {
				t.Errorf("Class() = %q, want %q", q.Class(), tt.class)
			}
			if diff := cmp.Diff(tt.properties, q.Properties()); diff != "" {
				t.Errorf("Properties() (-want +got):\n%s", diff)
			}
			if q.String() != tt.printed {
				t.Errorf("String() = %s\nwant       %s", q, tt.printed)
			}
			if again := mustParse(t, tt.language, q.String()); !reflect.DeepEqual(again, q) {
				t.Errorf("the printed query parses to %#v, want %#v", again, q)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ text, description string }{
		{``, `offset 0: found the end, expected SELECT`},
		{`DELETE`, `offset 0: found "DELETE", expected SELECT`},
		{`SELECT`, `offset 6: found the end, expected * or a property name`},
		{`SELECT FROM A`, `offset 7: found "FROM", expected * or a property name`},
		{`SELECT *, FROM A`, `offset 10: found "FROM", expected * or a property name`},
		{`SELECT a.b.c FROM a`, `offset 10: found ".", expected FROM`},
		{`SELECT b.c FROM a`, `offset 7: found "b", expected a property of a`},
		{`SELECT * A`, `offset 9: found "A", expected FROM`},
		{`SELECT * FROM WHERE`, `offset 14: found "WHERE", expected a class name`},
		{`SELECT * FROM 'A'`, `offset 14: found the string "A", expected a class name`},
		{`SELECT * FROM A, B`, `offset 15: found ",", expected WHERE`},
		{`SELECT * FROM A WHERE`, `offset 21: found the end, expected a property or a value`},
		{`SELECT * FROM A WHERE a`, `offset 23: found the end, expected a comparison, LIKE, IS or ISA`},
		{`SELECT * FROM A WHERE a = `, `offset 26: found the end, expected a property or a value`},
		{`SELECT * FROM A WHERE a == 1`, `offset 25: found "=", expected a property or a value`},
		{`SELECT * FROM A WHERE a = 12abc`, `offset 26: found "12abc", expected a number`},
		{`SELECT * FROM A WHERE a = 1e999`, `offset 26: found "1e999", expected a number`},
		{`SELECT * FROM A WHERE a = 'x`, `offset 26: found a string without its end, expected a closing '`},
		{`SELECT * FROM A WHERE a = "x\"`, `offset 26: found a string without its end, expected a closing "`},
		{`SELECT * FROM A WHERE a = 1 b`, `offset 28: found "b", expected AND, OR or the end`},
		{`SELECT * FROM A WHERE (a = 1`, `offset 28: found the end, expected )`},
		{`SELECT * FROM A WHERE a = 1)`, `offset 27: found ")", expected AND, OR or the end`},
		{`SELECT * FROM A WHERE a LIKE b`, `offset 29: found "b", expected a pattern in quotes`},
		{`SELECT * FROM A WHERE a NOT = 1`, `offset 28: found "=", expected LIKE`},
		{`SELECT * FROM A WHERE a IS 1`, `offset 27: found "1", expected NULL`},
		{`SELECT * FROM A WHERE a ISA 'x y'`, `offset 28: found the string "x y", expected a class name`},
		{`SELECT * FROM A WHERE a ISA "null"`, `offset 28: found the string "null", expected a class name`},
		{`SELECT * FROM A WHERE a. = 1`, `offset 25: found "=", expected a property name`},
		{`SELECT * FROM A WHERE B:: = 1`, `offset 26: found "=", expected a property name`},
		{`SELECT * FROM A WHERE a[-1] = 1`, `offset 24: found "-1", expected * or an index`},
		{`SELECT * FROM A WHERE a[1 = 1`, `offset 26: found "=", expected ]`},
		{`SELECT * FROM A WHERE a ; 1`, `offset 24: found ";", expected a name, a value or an operator`},
		{"SELECT * FROM A\xff", `offset 14: found bytes that are not UTF-8, expected a name`},
		{`SELECT * FROM A WHERE ` + strings.Repeat("(", 65), `offset 86: found more than 64 levels, expected fewer`},
		{`SELECT * FROM A WHERE ` + strings.Repeat("NOT ", 65), `offset 278: found more than 64 levels, expected fewer`},
		{strings.Repeat(" ", 1<<16+1), `offset 65536: found 65537 bytes, expected at most 65536`},
		{`SELECT ` + strings.Repeat("é", 50), `offset 107: found the end, expected FROM`},
		{strings.Repeat("é", 50), `offset 0: found "` + strings.Repeat("é", 20) + `...", expected SELECT`},
	}
	for _, tt := range tests {
		q, err := query.Parse("WQL", tt.text)
		var refused *cim.Error
		if !errors.As(err, &refused) || refused.Status != cim.StatusInvalidQuery {
			t.Errorf("Parse(%.80q) = %v, %v, want an invalid query", tt.text, q, err)
			continue
		}
		if refused.Description != tt.description {
			t.Errorf("Parse(%.80q)\n got %s\nwant %s", tt.text, refused.Description, tt.description)
		}
	}
}

func TestParseUnknownLanguage(t *testing.T) {
	for _, language := range []string{"", "CQL", "SQL", "DMTF:FQL"} {
		_, err := query.Parse(language, "SELECT * FROM A")
		if !errors.Is(err, cim.StatusQueryLanguageNotSupported) {
			t.Errorf("Parse(%q): %v, want status 14", language, err)
		}
	}
	_, err := query.Parse("SQL", "nonsense")
	want := `query language not supported (CIM status 14): "SQL", expected WQL, DMTF:CQL or CIM:CQL`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// A long chain is not a deep one.
func TestParseLongChain(t *testing.T) {
	text := "SELECT * FROM A WHERE x = 0" + strings.Repeat(" OR x = 1", 5000)
	q := mustParse(t, "WQL", text)
	if !q.Match(cim.NewInstance("A", cim.Prop("x", cim.Uint8(1))), nil) {
		t.Error("no match, want one")
	}
	if q.String() != text {
		t.Error("printed differently")
	}
}

func TestProject(t *testing.T) {
	inst := cim.NewInstance("CIM_Fan", cim.Prop("Name", cim.String("f")),
		cim.Prop("Speed", cim.Uint64(3000)), cim.Prop("Health", cim.Null(cim.TypeUint16)))
	tests := []struct {
		text string
		want []string
	}{
		{`SELECT * FROM CIM_Fan`, []string{"Name", "Speed", "Health"}},
		{`SELECT health, CIM_Fan.Name FROM CIM_Fan`, []string{"Name", "Health"}},
		{`SELECT Missing FROM CIM_Fan`, nil},
	}
	for _, tt := range tests {
		got := mustParse(t, "WQL", tt.text).Project(inst)
		var names []string
		for _, p := range got.Properties {
			names = append(names, p.Name)
		}
		if diff := cmp.Diff(tt.want, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
		got.Set("Name", cim.String("changed"))
	}
	if len(inst.Properties) != 3 || inst.Text("Name") != "f" {
		t.Errorf("the projected instance was changed: %s", inst)
	}
}

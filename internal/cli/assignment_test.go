package cli

import (
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestParseAssignments(t *testing.T) {
	got, err := parseAssignments("set", []string{"A=1", "B=x=y", "a=2", "C="})
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, a := range got {
		shown = append(shown, a.name+":"+strings.Join(a.texts, "|"))
	}
	if text := strings.Join(shown, " "); text != "A:1|2 B:x=y C:" {
		t.Errorf("assignments are %s", text)
	}
	for _, wrong := range []string{"", "A", "=1", "A B=1", "1A=1"} {
		if _, err := parseAssignments("set", []string{wrong}); err == nil || diagnose(err).code != ExitUsage {
			t.Errorf("%q: error is %v, want one of wrong usage", wrong, err)
		}
	}
}

func TestDeclarationValue(t *testing.T) {
	moods := []cim.Qualifier{
		{Name: "ValueMap", Value: cim.Strings("1", "2", "3..9")}, {Name: "Values", Value: cim.Strings("Glad", "Sad", "Odd")},
	}
	tests := []struct {
		name  string
		d     declaration
		texts []string
		want  cim.Value // the zero Value: an error
	}{
		{"number", declaration{null: cim.Null(cim.TypeUint16)}, []string{"0x10"}, cim.Uint16(16)},
		{"string as it is", declaration{null: cim.Null(cim.TypeString)}, []string{"{a,b}"}, cim.String("{a,b}")},
		{"empty string", declaration{null: cim.Null(cim.TypeString)}, []string{""}, cim.String("")},
		{"boolean", declaration{null: cim.Null(cim.TypeBoolean)}, []string{"True"}, cim.Boolean(true)},
		{"meaning", declaration{null: cim.Null(cim.TypeUint8), qualifiers: moods}, []string{"sad"}, cim.Uint8(2)},
		{"number with meanings", declaration{null: cim.Null(cim.TypeUint8), qualifiers: moods}, []string{"5"}, cim.Uint8(5)},
		{"meaning of a range", declaration{null: cim.Null(cim.TypeUint8), qualifiers: moods}, []string{"odd"}, cim.Value{}},
		{"meanings in an array", declaration{null: cim.NullArray(cim.TypeUint16), qualifiers: moods}, []string{"{Glad, 2}"}, cim.Uint16s(1, 2)},
		{"array by repeating", declaration{null: cim.NullArray(cim.TypeString)}, []string{"a", "{b}"}, cim.Strings("a", "{b}")},
		{"array of one", declaration{null: cim.NullArray(cim.TypeString)}, []string{"a,b"}, cim.Strings("a,b")},
		{"array in braces", declaration{null: cim.NullArray(cim.TypeString)}, []string{`{a, "b, ""c""", }`}, cim.Strings("a", `b, "c"`, "")},
		{"empty array", declaration{null: cim.NullArray(cim.TypeString)}, []string{"{ }"}, cim.ArrayOf(cim.TypeString)},
		{"two for one", declaration{null: cim.Null(cim.TypeUint16)}, []string{"1", "2"}, cim.Value{}},
		{"no number", declaration{null: cim.Null(cim.TypeUint16)}, []string{""}, cim.Value{}},
		{"element that is no number", declaration{null: cim.NullArray(cim.TypeUint16)}, []string{"{1,x}"}, cim.Value{}},
		{"open quote", declaration{null: cim.NullArray(cim.TypeString)}, []string{`{"a}`}, cim.Value{}},
		{"embedded", declaration{null: cim.Null(cim.TypeString), embedded: cim.EmbeddedAsInstance}, []string{"x"}, cim.Value{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.d.name = "P"
			got, err := test.d.value(&assignment{name: "p", texts: test.texts})
			if test.want.Type() == cim.TypeNone {
				if err == nil || !strings.HasPrefix(err.Error(), "P: ") || diagnose(err).code != ExitUsage {
					t.Errorf("got %s, error %v, want an error of wrong usage about P", got, err)
				}
				return
			}
			if err != nil || !got.Equal(test.want) {
				t.Errorf("got %s, error %v, want %s", got, err, test.want)
			}
		})
	}
}

// TestValueMapOfWrongClass reads no meanings out of qualifiers that do not fit each other.
func TestValueMapOfWrongClass(t *testing.T) {
	wrong := []cim.Qualifier{{Name: "ValueMap", Value: cim.Strings("1", "2")}, {Name: "Values", Value: cim.Strings("Glad")}}
	if m, ok := valueMapOf(cim.TypeUint8, wrong).Meaning(cim.Uint8(1)); ok {
		t.Errorf("1 means %q", m)
	}
}

func TestHasKeys(t *testing.T) {
	path := cim.InstancePath("root", "A",
		cim.Key{Name: "ID", Value: cim.Integer(7)}, cim.Key{Name: "Name", Value: cim.String("x")})
	tests := []struct {
		key  cim.Key
		want bool
	}{
		{cim.Key{Name: "id", Value: cim.Uint16(7)}, true},
		{cim.Key{Name: "ID", Value: cim.Uint16(8)}, false},
		{cim.Key{Name: "ID", Value: cim.String("7")}, false},
		{cim.Key{Name: "name", Value: cim.String("x")}, true},
		{cim.Key{Name: "Name", Value: cim.String("X")}, false},
		{cim.Key{Name: "Other", Value: cim.String("x")}, false},
	}
	for _, test := range tests {
		if got := hasKeys(path, []cim.Key{test.key}); got != test.want {
			t.Errorf("key %s=%s: %t, want %t", test.key.Name, test.key.Value, got, test.want)
		}
	}
}

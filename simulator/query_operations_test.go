package simulator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

func TestExecQuery(t *testing.T) {
	s, c := startLab(t, &simulator.Options{Strict: true})
	inner := cim.NewInstance("LAB_Crate", cim.Prop("Name", cim.String("inside")), cim.Prop("Size", cim.Uint16(8)))
	if _, _, err := s.Update(thing("LAB_Crate", "crate"), cim.Prop("Inner", cim.EmbeddedInstance(inner))); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		language, query string
		want            []string
	}{
		{"WQL", `SELECT * FROM LAB_Thing`, []string{"box", "crate", "ball", `a "quoted\" name`}},
		{"WQL", `SELECT * FROM LAB_Box WHERE Size = 3`, []string{"box"}},
		{"WQL", `SELECT * FROM LAB_Root WHERE Size > 1 OR Name = "ball"`, []string{"box", "ball"}},
		{"WQL", `SELECT * FROM LAB_Thing WHERE NOT (Size = 1)`, []string{"box"}},
		{"WQL", `SELECT * FROM LAB_Thing WHERE Name LIKE "b%" AND Flag IS NOT NULL`, []string{"ball"}},
		{"WQL", `SELECT * FROM LAB_Thing WHERE Flag IS NULL AND Name LIKE "b_x"`, []string{"box"}},
		{"DMTF:CQL", `SELECT * FROM LAB_Thing WHERE LAB_Thing ISA LAB_Crate`, []string{"crate"}},
		{"DMTF:CQL", `SELECT * FROM LAB_Thing WHERE Inner.Size = 8`, []string{"crate"}},
		{"CIM:CQL", `SELECT * FROM LAB_Thing WHERE Inner ISA LAB_Box AND Inner.LAB_Crate::Name = 'inside'`, []string{"crate"}},
		{"DMTF:CQL", `SELECT * FROM LAB_Thing WHERE Tags[1] = 'b'`, []string{"box"}},
		{"WQL", `SELECT * FROM LAB_Contains`, []string{"[box][ball]", "[crate][box]"}},
		{"WQL", `SELECT * FROM LAB_Thing WHERE Size = "one"`, nil},
	} {
		list, err := collect(c.ExecQuery(t.Context(), cimv2, test.language, test.query))
		if diff := cmp.Diff(append([]string{}, test.want...), namesOf(pathsOf(list))); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", test.query, err, diff)
		}
	}
}

// A row has what was selected, and the path of its instance.
func TestExecQueryProjection(t *testing.T) {
	_, c := startLab(t, nil)
	list, err := collect(c.ExecQuery(t.Context(), cimv2, "WQL", `SELECT Volume, size FROM LAB_Box WHERE Volume IS NOT NULL`))
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	row := list[0]
	if len(row.Properties) != 2 || !row.Get("Size").Equal(cim.Uint16(3)) || !row.Get("Volume").Equal(cim.Uint32(9)) ||
		row.Path.KeyText("Name") != "box" || row.Path.Host != "localhost" {
		t.Errorf("%s %v", row.Path, row)
	}
}

func TestExecQueryErrors(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		namespace, language, query string
		want                       cim.Status
	}{
		{cimv2, "XQuery", "SELECT * FROM LAB_Box", cim.StatusQueryLanguageNotSupported},
		{cimv2, "WQL", "SELECT", cim.StatusInvalidQuery},
		{cimv2, "WQL", "SELECT * FROM LAB_Nope", cim.StatusInvalidClass},
		{"root/nope", "WQL", "SELECT * FROM LAB_Box", cim.StatusInvalidNamespace},
	} {
		_, err := collect(c.ExecQuery(t.Context(), test.namespace, test.language, test.query))
		wantStatus(t, err, test.want)
	}
}

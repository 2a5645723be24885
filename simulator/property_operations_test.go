package simulator_test

import (
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

func TestGetProperty(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	for _, test := range []struct {
		path cim.ObjectPath
		name string
		want cim.Value // without a type, as it comes
	}{
		{thing("LAB_Box", "box"), "size", cim.String("3")},
		{thing("LAB_Box", "box"), "Caption", cim.String("a box")},
		{thing("LAB_Box", "box"), "Tags", cim.Strings("a", "b")},
		{thing("LAB_Thing", "ball"), "Flag", cim.String("TRUE")},
	} {
		v, err := c.GetProperty(t.Context(), test.path, test.name)
		if err != nil || v.Lexical() != test.want.Lexical() || v.Len() != test.want.Len() {
			t.Errorf("%s: %v, %v, want %v", test.name, v, err, test.want)
		}
	}
	v, err := c.GetProperty(t.Context(), thing("LAB_Box", "box"), "Made")
	if err != nil || !v.IsNull() {
		t.Errorf("Made is %v, %v, want NULL", v, err)
	}
	link := cim.InstancePath(cimv2, "LAB_Contains",
		cim.Key{Name: "Whole", Value: cim.Reference(thing("LAB_Box", "box"))},
		cim.Key{Name: "Part", Value: cim.Reference(thing("LAB_Thing", "ball"))})
	v, err = c.GetProperty(t.Context(), link, "Part")
	if p, ok := v.Reference(); err != nil || !ok || p.KeyText("Name") != "ball" {
		t.Errorf("Part is %v, %v", v, err)
	}
}

func TestSetProperty(t *testing.T) {
	s, c := startLab(t, &simulator.Options{Strict: true})
	path := thing("LAB_Box", "box")
	for _, test := range []struct {
		name  string
		value cim.Value
		want  cim.Value
	}{
		{"Size", cim.Uint16(12), cim.Uint16(12)},
		{"size", cim.String("13"), cim.Uint16(13)},
		{"Tags", cim.Strings("x", "y", "z"), cim.Strings("x", "y", "z")},
		{"Flag", cim.Boolean(true), cim.Boolean(true)},
		{"Flag", cim.Null(cim.TypeBoolean), cim.Null(cim.TypeBoolean)},
		{"Ratio", cim.Real32(2.5), cim.Real32(2.5)},
		{"Caption", cim.String("12"), cim.String("12")},
	} {
		if err := c.SetProperty(t.Context(), path, test.name, test.value); err != nil {
			t.Errorf("%s = %v: %v", test.name, test.value, err)
		}
		i, err := s.Instance(path)
		if err != nil || !i.Get(test.name).Equal(test.want) {
			t.Errorf("%s is %v, want %v; %v", test.name, i.Get(test.name), test.want, err)
		}
	}
}

func TestPropertyErrors(t *testing.T) {
	_, c := startLab(t, nil)
	box := thing("LAB_Box", "box")
	for _, test := range []struct {
		name string
		path cim.ObjectPath
		prop string
		want cim.Status
	}{
		{"property", box, "Nope", cim.StatusNoSuchProperty},
		{"instance", thing("LAB_Box", "nope"), "Size", cim.StatusNotFound},
		{"class", thing("LAB_Nope", "box"), "Size", cim.StatusInvalidClass},
		{"namespace", box.Relative().In("root/nope"), "Size", cim.StatusInvalidNamespace},
	} {
		_, err := c.GetProperty(t.Context(), test.path, test.prop)
		wantStatus(t, err, test.want)
		wantStatus(t, c.SetProperty(t.Context(), test.path, test.prop, cim.String("1")), test.want)
	}
	wantStatus(t, c.SetProperty(t.Context(), box, "Size", cim.String("large")), cim.StatusTypeMismatch)
	wantStatus(t, c.SetProperty(t.Context(), box, "Size", cim.Strings("1")), cim.StatusTypeMismatch)
	wantStatus(t, c.SetProperty(t.Context(), box, "Name", cim.String("other")), cim.StatusInvalidParameter)
}

// SetProperty is a change like others.
func TestSetPropertyLifecycle(t *testing.T) {
	s, c := startLab(t, &simulator.Options{Lifecycle: true})
	l := listen(t)
	subscribe(t, c, "changes", "SELECT * FROM CIM_InstModification", l.URL)
	if err := c.SetProperty(t.Context(), thing("LAB_Box", "box"), "Size", cim.Uint16(5)); err != nil {
		t.Fatal(err)
	}
	flush(t, s)
	i := l.next(t).export.Indication
	after, _ := i.Get("SourceInstance").Instance()
	before, _ := i.Get("PreviousInstance").Instance()
	if after == nil || before == nil || !after.Get("Size").Equal(cim.Uint16(5)) || !before.Get("Size").Equal(cim.Uint16(3)) {
		t.Errorf("%v", i)
	}
}

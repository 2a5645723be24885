package simulator_test

import (
	"slices"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestEnumerateClassNames(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		class string
		deep  bool
		want  []string
	}{
		{"LAB_Root", false, []string{"LAB_Thing"}},
		{"lab_root", true, []string{"LAB_Thing", "LAB_Box", "LAB_Crate"}},
		{"LAB_Crate", true, nil},
	} {
		got, err := c.EnumerateClassNames(t.Context(), cimv2, test.class, test.deep)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("below %s, deep %v: %v, %v, want %v", test.class, test.deep, got, err, test.want)
		}
	}
	roots, err := c.EnumerateClassNames(t.Context(), interop, "", false)
	if err != nil || !slices.Contains(roots, "LAB_Root") || slices.Contains(roots, "LAB_Box") {
		t.Errorf("roots %v, %v", roots, err)
	}
	all, err := c.EnumerateClassNames(t.Context(), cimv2, "", true)
	if err != nil || !slices.Contains(all, "LAB_Box") || !slices.Contains(all, "CIM_IndicationFilter") {
		t.Errorf("all classes %v, %v", all, err)
	}
	_, err = c.EnumerateClassNames(t.Context(), cimv2, "LAB_Nope", false)
	wantStatus(t, err, cim.StatusInvalidClass)
	_, err = c.EnumerateClassNames(t.Context(), "root/nope", "", false)
	wantStatus(t, err, cim.StatusInvalidNamespace)
}

func TestEnumerateClasses(t *testing.T) {
	_, c := startLab(t, nil)
	classes, err := collect(c.EnumerateClasses(t.Context(), cimv2, "LAB_Thing", true, nil))
	if err != nil || len(classes) != 2 || classes[0].Name != "LAB_Box" || classes[1].SuperClass != "LAB_Box" {
		t.Fatalf("classes %v, %v", classes, err)
	}
	if classes[0].Property("Name") == nil || classes[0].Method("Open") == nil {
		t.Errorf("LAB_Box has not all it inherits: %v", classes[0])
	}
	_, err = collect(c.EnumerateClasses(t.Context(), cimv2, "LAB_Nope", false, nil))
	wantStatus(t, err, cim.StatusInvalidClass)
}

func TestGetClass(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		name       string
		options    *cim.ReadOptions
		properties int
		methods    int
	}{
		{"whole", nil, 10, 2},
		{"local only", &cim.ReadOptions{LocalOnly: true}, 2, 2},
		{"some properties", &cim.ReadOptions{Properties: []string{"NAME", "Volume"}}, 2, 2},
		{"no properties", &cim.ReadOptions{Properties: []string{}}, 0, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			class, err := c.GetClass(t.Context(), cimv2, "lab_box", test.options)
			if err != nil {
				t.Fatal(err)
			}
			if class.Name != "LAB_Box" || len(class.Properties) != test.properties || len(class.Methods) != test.methods {
				t.Errorf("%s with %d properties and %d methods: %v", class.Name, len(class.Properties), len(class.Methods), class)
			}
			if len(class.Qualifiers) != 0 || class.Properties != nil && class.Properties[0].ClassOrigin != "" {
				t.Errorf("qualifiers or origins that nobody asked for: %v", class)
			}
		})
	}
}

func TestGetClassQualifiersAndOrigin(t *testing.T) {
	_, c := startLab(t, nil)
	class, err := c.GetClass(t.Context(), cimv2, "LAB_Box", &cim.ReadOptions{IncludeQualifiers: true, IncludeClassOrigin: true})
	if err != nil {
		t.Fatal(err)
	}
	if !class.Property("Name").IsKey() || class.Property("Name").ClassOrigin != "LAB_Thing" {
		t.Errorf("Name is %+v", class.Property("Name"))
	}
	if v, _ := class.Property("Caption").Value.Text(); v != "a box" {
		t.Errorf("default of Caption is %q", v)
	}
	open := class.Method("Open")
	if open.ClassOrigin != "LAB_Box" || len(open.Parameters) != 6 || len(open.Parameters[3].Qualifiers) == 0 {
		t.Errorf("Open is %+v", open)
	}
	if association, err := c.GetClass(t.Context(), interop, "LAB_Contains", &cim.ReadOptions{IncludeQualifiers: true}); err != nil || !association.HasQualifier("Association") {
		t.Errorf("LAB_Contains is %v, %v", association, err)
	}
	_, err = c.GetClass(t.Context(), cimv2, "LAB_Nope", nil)
	wantStatus(t, err, cim.StatusNotFound)
	_, err = c.GetClass(t.Context(), "root/nope", "LAB_Box", nil)
	wantStatus(t, err, cim.StatusInvalidNamespace)
}

package simulator_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func namespace(class, name string) *cim.Instance {
	return cim.NewInstance(class, cim.Prop("Name", cim.String(name)))
}

// namespaces returns the names that the instances of a class give.
func namespaces(t *testing.T, c *cimxml.Client, class string) []string {
	t.Helper()
	list, err := collect(c.EnumerateInstances(t.Context(), interop, class, nil))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range list {
		names = append(names, i.Text("Name"))
	}
	slices.Sort(names)
	return names
}

func TestNamespaces(t *testing.T) {
	for _, class := range []string{"CIM_Namespace", "__Namespace"} {
		t.Run(class, func(t *testing.T) {
			_, c := startLab(t, nil)
			before := []string{"root/cimv2", "root/interop", "root/lab"}
			if got := namespaces(t, c, class); !slices.Equal(got, before) {
				t.Errorf("namespaces %v", got)
			}
			path := create(t, c, namespace(class, "/root/new"))
			for _, both := range []string{"CIM_Namespace", "__Namespace"} {
				if got := namespaces(t, c, both); !slices.Equal(got, append(slices.Clone(before), "root/new")) {
					t.Errorf("namespaces by %s %v", both, got)
				}
				_, err := c.CreateInstance(t.Context(), interop, namespace(both, "ROOT/new"))
				wantStatus(t, err, cim.StatusAlreadyExists)
			}
			inhabited := cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String("x")))
			thing, err := c.CreateInstance(t.Context(), "root/new", inhabited)
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, c.DeleteInstance(t.Context(), path), cim.StatusNamespaceNotEmpty)
			if err := c.DeleteInstance(t.Context(), thing); err != nil {
				t.Fatal(err)
			}
			if err := c.DeleteInstance(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			for _, both := range []string{"CIM_Namespace", "__Namespace"} {
				if got := namespaces(t, c, both); !slices.Equal(got, before) {
					t.Errorf("namespaces by %s at the end %v", both, got)
				}
			}
			_, err = c.CreateInstance(t.Context(), "root/new", inhabited)
			wantStatus(t, err, cim.StatusInvalidNamespace)
		})
	}
}

func TestNamespaceErrors(t *testing.T) {
	s, c := startLab(t, nil)
	_, err := c.CreateInstance(t.Context(), interop, namespace("CIM_Namespace", "//"))
	wantStatus(t, err, cim.StatusInvalidParameter)
	list, err := s.Instances(interop, "__Namespace")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list { // each of them has instances
		wantStatus(t, c.DeleteInstance(t.Context(), i.Path), cim.StatusNamespaceNotEmpty)
	}
	if _, _, err := s.Update(list[0].Path, cim.Prop("Name", cim.String("root/other"))); !errors.Is(err, cim.StatusInvalidParameter) {
		t.Errorf("another name: %v", err)
	}
	described, err := s.Instances(interop, "CIM_Namespace")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Update(described[0].Path, cim.Prop("ClassType", cim.Uint16(2))); err != nil {
		t.Errorf("another property: %v", err)
	}
	// Outside the interop namespace it is an instance like others.
	if _, err := c.CreateInstance(t.Context(), cimv2, namespace("__Namespace", "root/plain")); err != nil {
		t.Error(err)
	}
	_, err = c.EnumerateClassNames(t.Context(), "root/plain", "", false)
	wantStatus(t, err, cim.StatusInvalidNamespace)
}

// A model may declare a namespace that has nothing in it.
func TestNamespaceOfModel(t *testing.T) {
	m, err := load(t, `
		#pragma include ("interop.mof")
		#pragma namespace ("root/interop")
		instance of __Namespace { Name = "root/empty"; };`)
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, start(t, m, nil), nil)
	want := []string{"root/cimv2", "root/empty", "root/interop"}
	if got := namespaces(t, c, "CIM_Namespace"); !slices.Equal(got, want) {
		t.Errorf("namespaces %v", got)
	}
	if _, err := c.EnumerateClassNames(t.Context(), "root/empty", "", false); err != nil {
		t.Error(err)
	}
}

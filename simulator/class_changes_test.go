package simulator_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// newClass is a subclass of LAB_Box with a property of its own.
func newClass(name string) *cim.Class {
	return &cim.Class{
		Name: name, SuperClass: "LAB_Box",
		Properties: []cim.Property{{Name: "Lid", Value: cim.Uint8(1)}},
		Methods:    []cim.Method{{Name: "Lock", ReturnType: cim.TypeUint32}},
	}
}

func createClass(t *testing.T, c *cimxml.Client, class *cim.Class) {
	t.Helper()
	if err := c.CreateClass(t.Context(), cimv2, class); err != nil {
		t.Fatal(err)
	}
}

func TestCreateClass(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	createClass(t, c, newClass("LAB_Chest"))
	got, err := c.GetClass(t.Context(), cimv2, "lab_chest", &cim.ReadOptions{IncludeQualifiers: true, IncludeClassOrigin: true})
	if err != nil {
		t.Fatal(err)
	}
	name, lid := got.Property("Name"), got.Property("Lid")
	if got.SuperClass != "LAB_Box" || name == nil || !name.IsKey() || name.ClassOrigin != "LAB_Thing" || lid == nil ||
		lid.ClassOrigin != "LAB_Chest" || got.Method("Open") == nil || got.Method("Lock").ClassOrigin != "LAB_Chest" {
		t.Errorf("%+v", got)
	}
	below, err := c.EnumerateClassNames(t.Context(), cimv2, "LAB_Box", false)
	if err != nil || !slices.Equal(below, []string{"LAB_Crate", "LAB_Chest"}) {
		t.Errorf("below LAB_Box: %v, %v", below, err)
	}
	path, err := c.CreateInstance(t.Context(), cimv2, cim.NewInstance("LAB_Chest", cim.Prop("Name", cim.String("chest"))))
	if err != nil {
		t.Fatal(err)
	}
	i, err := c.GetInstance(t.Context(), path, nil)
	if err != nil || !i.Get("Lid").Equal(cim.Uint8(1)) || i.Text("Caption") != "a box" {
		t.Errorf("%v, %v", i, err)
	}
	boxes, err := collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Box", nil))
	if err != nil || len(boxes) != 3 {
		t.Errorf("boxes %v, %v", boxes, err)
	}
}

func TestCreateClassErrors(t *testing.T) {
	_, c := startLab(t, nil)
	property := func(p cim.Property) *cim.Class {
		return &cim.Class{Name: "LAB_New", SuperClass: "LAB_Thing", Properties: []cim.Property{p}}
	}
	key := []cim.Qualifier{{Name: "Key", Value: cim.Boolean(true)}}
	for _, test := range []struct {
		name  string
		class *cim.Class
		want  cim.Status
	}{
		{"exists", &cim.Class{Name: "lab_box"}, cim.StatusAlreadyExists},
		{"superclass", &cim.Class{Name: "LAB_New", SuperClass: "LAB_Nope"}, cim.StatusInvalidSuperClass},
		{"name", &cim.Class{Name: "9 lives"}, cim.StatusInvalidParameter},
		{"two in one", &cim.Class{Name: "LAB_A {}; class LAB_B"}, cim.StatusInvalidParameter},
		{"unknown qualifier", &cim.Class{Name: "LAB_New", Qualifiers: []cim.Qualifier{{Name: "Nope", Value: cim.Boolean(true)}}}, cim.StatusInvalidParameter},
		{"hides a property", property(cim.Property{Name: "Size", Value: cim.Null(cim.TypeUint16)}), cim.StatusInvalidParameter},
		{"another type", property(cim.Property{
			Name: "Size", Value: cim.Null(cim.TypeString), Qualifiers: []cim.Qualifier{{Name: "Override", Value: cim.String("Size")}},
		}), cim.StatusInvalidParameter},
		{"another key", property(cim.Property{Name: "Other", Value: cim.Null(cim.TypeString), Qualifiers: key}), cim.StatusInvalidParameter},
		{"reference in no association", property(cim.Property{Name: "R", Value: cim.Null(cim.TypeReference), ReferenceClass: "LAB_Thing"}), cim.StatusInvalidParameter},
		{"embedded unknown class", property(cim.Property{
			Name: "E", Value: cim.Null(cim.TypeString), Qualifiers: []cim.Qualifier{{Name: "EmbeddedInstance", Value: cim.String("LAB_Nope")}},
		}), cim.StatusInvalidParameter},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantStatus(t, c.CreateClass(t.Context(), cimv2, test.class), test.want)
		})
	}
	if _, err := c.GetClass(t.Context(), cimv2, "LAB_New", nil); err == nil {
		t.Error("a class that was refused is there")
	}
	wantStatus(t, c.CreateClass(t.Context(), "root/nope", newClass("LAB_Chest")), cim.StatusInvalidNamespace)
}

// An association made by a client is followed like others, between classes and instances.
func TestCreateAssociation(t *testing.T) {
	_, c := startLab(t, nil)
	end := func(name, class string) cim.Property {
		return cim.Property{
			Name: name, Value: cim.Null(cim.TypeReference), ReferenceClass: class,
			Qualifiers: []cim.Qualifier{{Name: "Key", Value: cim.Boolean(true)}},
		}
	}
	createClass(t, c, &cim.Class{
		Name:       "LAB_StandsOn",
		Qualifiers: []cim.Qualifier{{Name: "Association", Value: cim.Boolean(true)}},
		Properties: []cim.Property{end("Upper", "LAB_Box"), end("Lower", "LAB_Crate")},
	})
	names, err := collect(c.AssociatorNames(t.Context(), cim.ClassPath(cimv2, "LAB_Crate"), &cim.AssociationOptions{AssocClass: "LAB_StandsOn", Role: "Lower"}))
	if err != nil || len(names) != 1 || names[0].Class != "LAB_Box" {
		t.Errorf("%v, %v", names, err)
	}
	link := cim.NewInstance("LAB_StandsOn",
		cim.Prop("Upper", cim.Reference(thing("LAB_Box", "box"))), cim.Prop("Lower", cim.Reference(thing("LAB_Crate", "crate"))))
	if _, err := c.CreateInstance(t.Context(), cimv2, link); err != nil {
		t.Fatal(err)
	}
	below, err := collect(c.Associators(t.Context(), thing("LAB_Box", "box"), &cim.AssociationOptions{AssocClass: "LAB_StandsOn"}))
	if err != nil || len(below) != 1 || below[0].Text("Name") != "crate" {
		t.Errorf("%v, %v", below, err)
	}
}

// What GetClass returns can be changed and sent back, though it holds what is inherited.
func TestModifyClass(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	createClass(t, c, newClass("LAB_Chest"))
	class, err := c.GetClass(t.Context(), cimv2, "LAB_Chest", &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil {
		t.Fatal(err)
	}
	class.Property("Lid").Value = cim.Uint8(2)
	class.Properties = append(class.Properties, cim.Property{Name: "Locks", Value: cim.Null(cim.TypeUint16)})
	if err := c.ModifyClass(t.Context(), cimv2, class); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetClass(t.Context(), cimv2, "LAB_Chest", nil)
	if err != nil || got.Property("Locks") == nil || !got.Property("Lid").Value.Equal(cim.Uint8(2)) || got.Property("Name") == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestModifyAndDeleteClassErrors(t *testing.T) {
	_, c := startLab(t, nil)
	createClass(t, c, newClass("LAB_Chest"))
	other := newClass("LAB_Chest")
	other.SuperClass = "LAB_Thing"
	wantStatus(t, c.ModifyClass(t.Context(), cimv2, other), cim.StatusInvalidSuperClass)
	other = newClass("LAB_Chest")
	other.Properties[0].Qualifiers = []cim.Qualifier{{Name: "Nope", Value: cim.Boolean(true)}}
	wantStatus(t, c.ModifyClass(t.Context(), cimv2, other), cim.StatusInvalidParameter)
	for class, want := range map[string]cim.Status{
		"LAB_Nope": cim.StatusNotFound, "LAB_Box": cim.StatusClassHasChildren, "LAB_Crate": cim.StatusClassHasInstances,
		"LAB_Numbered": cim.StatusClassHasInstances, "CIM_IndicationHandler": cim.StatusClassHasChildren,
	} {
		wantStatus(t, c.DeleteClass(t.Context(), cimv2, class), want)
		wantStatus(t, c.ModifyClass(t.Context(), cimv2, &cim.Class{Name: class}), want)
	}
}

func TestDeleteClass(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	createClass(t, c, newClass("LAB_Chest"))
	if err := c.DeleteClass(t.Context(), cimv2, "lab_chest"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, c.DeleteClass(t.Context(), cimv2, "LAB_Chest"), cim.StatusNotFound)
	_, err := collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Chest", nil))
	wantStatus(t, err, cim.StatusInvalidClass)
	_, err = c.CreateInstance(t.Context(), cimv2, cim.NewInstance("LAB_Chest", cim.Prop("Name", cim.String("chest"))))
	wantStatus(t, err, cim.StatusInvalidClass)
	below, err := c.EnumerateClassNames(t.Context(), cimv2, "LAB_Box", true)
	if err != nil || !slices.Equal(below, []string{"LAB_Crate"}) {
		t.Errorf("below LAB_Box: %v, %v", below, err)
	}
	createClass(t, c, newClass("LAB_Chest"))
}

// Instances are created and deleted while their class comes and goes: either the class is
// refused to go, or the instance to come.
func TestClassesAndInstancesAtOnce(t *testing.T) {
	s, c := startLab(t, nil)
	const rounds = 20
	var all sync.WaitGroup
	all.Go(func() {
		for range rounds {
			_ = c.CreateClass(t.Context(), cimv2, newClass("LAB_Chest"))
			_ = c.DeleteClass(t.Context(), cimv2, "LAB_Chest")
		}
	})
	for n := range 3 {
		all.Go(func() {
			for range rounds {
				if i, err := s.Create(cim.NewInstance("LAB_Chest", cim.Prop("Name", cim.String(fmt.Sprint(n))))); err == nil {
					_, err = s.Delete(i.Path)
					if err != nil {
						t.Errorf("delete: %v", err)
					}
				}
				if _, err := collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Thing", nil)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// Every class that can be deleted comes back the same when what GetClass gave is sent.
func TestClassesComeBack(t *testing.T) {
	c := connect(t, start(t, esxi(t), nil), nil)
	names, err := c.EnumerateClassNames(t.Context(), cimv2, "", true)
	if err != nil {
		t.Fatal(err)
	}
	all := &cim.ReadOptions{IncludeQualifiers: true, IncludeClassOrigin: true}
	count := 0
	for _, name := range names {
		before, err := c.GetClass(t.Context(), cimv2, name, all)
		if err != nil {
			t.Fatal(err)
		}
		if c.DeleteClass(t.Context(), cimv2, name) != nil {
			continue // it has subclasses or instances
		}
		createClass(t, c, before)
		after, err := c.GetClass(t.Context(), cimv2, name, all)
		if err != nil || !after.Equal(before) {
			t.Errorf("%s came back as %v, %v", name, after, err)
		}
		count++
	}
	if count < 20 {
		t.Errorf("only %d of %d classes were tried", count, len(names))
	}
}

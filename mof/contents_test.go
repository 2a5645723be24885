package mof_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/simulator"
)

// TestNewSchemaRoundTrip takes schemas apart and puts them together again: as declared,
// with what is inherited, and with that but nothing marked as propagated.
func TestNewSchemaRoundTrip(t *testing.T) {
	for name, want := range map[string]*mof.Schema{"esxi": esxiModel(t), "dmtf": compileDMTF(t, dmtfSchema(t))} {
		for form, class := range map[string]func(string) *cim.Class{
			"local": want.Local, "whole": want.Class, "unmarked": func(name string) *cim.Class { return unmarked(want.Class(name)) },
		} {
			contents := mof.Contents{QualifierTypes: want.QualifierTypes(), Instances: want.Instances()}
			for _, name := range slices.Backward(want.ClassNames()) {
				contents.Classes = append(contents.Classes, class(name))
			}
			slices.Reverse(contents.Classes)
			got, err := mof.NewSchema(contents)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, form, err)
			}
			t.Run(name+" "+form, func(t *testing.T) {
				if form == "local" {
					sameSchema(t, got, want)
					return
				}
				for _, name := range want.ClassNames() {
					if !got.Class(name).Equal(want.Class(name)) || !equalDefaults(got.Local(name), want.Local(name), want.Class(name)) {
						t.Errorf("class %s differs", name)
					}
				}
			})
		}
	}
}

// equalDefaults compares classes as declared. A default may be inherited.
func equalDefaults(got, want, whole *cim.Class) bool {
	w := *want
	w.Properties = slices.Clone(want.Properties)
	for i := range w.Properties {
		p := &w.Properties[i]
		if p.Value.IsNull() {
			p.Value, p.ArraySize = whole.Property(p.Name).Value, whole.Property(p.Name).ArraySize
		}
	}
	return got.Equal(&w)
}

// unmarked returns a class whose inherited features do not say that they are.
func unmarked(c *cim.Class) *cim.Class {
	out := *c
	out.Properties, out.Methods = slices.Clone(c.Properties), slices.Clone(c.Methods)
	for i := range out.Properties {
		out.Properties[i].Propagated = false
	}
	for i := range out.Methods {
		out.Methods[i].Propagated = false
	}
	return &out
}

// TestNewSchemaFromServer reads everything from a CIM server and compiles what is
// printed of it.
func TestNewSchemaFromServer(t *testing.T) {
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	defer web.Close()
	client, err := cimxml.NewClient(web.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	var contents mof.Contents
	for q, err := range client.EnumerateQualifiers(t.Context(), "root/cimv2") {
		if err != nil {
			t.Fatal(err)
		}
		contents.QualifierTypes = append(contents.QualifierTypes, *q)
	}
	read := &cim.ReadOptions{IncludeQualifiers: true, IncludeClassOrigin: true}
	for c, err := range client.EnumerateClasses(t.Context(), "root/cimv2", "", true, read) {
		if err != nil {
			t.Fatal(err)
		}
		contents.Classes = append(contents.Classes, c)
	}
	got, err := mof.NewSchema(contents)
	if err != nil {
		t.Fatal(err)
	}
	want := esxiModel(t)
	if len(got.ClassNames()) < 100 {
		t.Errorf("%d classes", len(got.ClassNames()))
	}
	for _, name := range got.ClassNames() {
		w := *want.Class(name)
		w.Path = got.Class(name).Path // the server has each class in each of its namespaces
		if !got.Class(name).Equal(&w) {
			t.Errorf("class %s differs:\n%s", name, text(t, got.Local(name)))
		}
	}
	if m, _ := got.ValueMap("OMC_Fan", "HealthState").Meaning(cim.Uint16(25)); m != "Critical failure" {
		t.Errorf("25 means %q", m)
	}
	roundTrip(t, got)
}

func TestNewSchemaErrors(t *testing.T) {
	class := func(name, super string) *cim.Class { return &cim.Class{Name: name, SuperClass: super} }
	_, err := mof.NewSchema(mof.Contents{
		QualifierTypes: []cim.QualifierType{{Name: "Key"}, {Name: "KEY"}},
		Classes:        []*cim.Class{class("A", ""), class("a", ""), class("B", "Gone"), class("C", "D"), class("D", "C"), class("E", "E")},
		Instances:      []*cim.Instance{cim.NewInstance("Lost")},
	})
	var list mof.ErrorList
	if !errors.As(err, &list) {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, e := range list {
		got = append(got, e.Error())
	}
	want := []string{
		"qualifier KEY stands twice", "class a stands twice", "superclass Gone of class B is missing",
		"class C has more than 100 ancestors, or is its own", "class E has more than 100 ancestors, or is its own",
		"class Lost of an instance is missing",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	many := make([]*cim.Class, 3000)
	for i := range many {
		many[i] = class(fmt.Sprintf("C%d", i), "Gone")
	}
	if _, err := mof.NewSchema(mof.Contents{Classes: many}); !errors.As(err, &list) || len(list) != 1000 {
		t.Errorf("%d errors", len(list))
	}
}

func TestAssociations(t *testing.T) {
	s := compile(t, `
class Element { }; class Fan : Element { }; class SmallFan : Fan { }; class Box { };
[Association] class Contains { Element REF Part; Box REF Whole; };
[Association] class ContainsFan : Contains { [Override("Part")] Fan REF Part; };
[Association] class Linked { SmallFan REF One; SmallFan REF Other; };
[Association, Abstract] class Any { };
class Uses { void M(Fan REF F); };`)
	for class, want := range map[string]string{
		"element": "Contains", "FAN": "Contains ContainsFan", "SmallFan": "Contains ContainsFan Linked",
		"Box": "Contains ContainsFan", "Uses": "", "Contains": "", "Nothing": "",
	} {
		if got := strings.Join(s.Associations(class), " "); got != want {
			t.Errorf("%s: got %s, want %s", class, got, want)
		}
	}
}

// TestAssociationsOfTheSchema looks at every pair in another way.
func TestAssociationsOfTheSchema(t *testing.T) {
	s := compileDMTF(t, dmtfSchema(t))
	for _, class := range []string{"CIM_Fan", "CIM_ManagedElement", "CIM_Job", "CIM_StorageVolume"} {
		var want []string
		for _, name := range s.ClassNames() {
			for _, p := range s.Class(name).Properties {
				if p.ReferenceClass != "" && s.IsA(class, p.ReferenceClass) {
					want = append(want, name)
					break
				}
			}
		}
		if got := s.Associations(class); !slices.Equal(got, want) || len(got) < 10 {
			t.Errorf("%s: %d associations, want %d", class, len(got), len(want))
		}
	}
}

func TestEffective(t *testing.T) {
	s := compile(t, `class A { [Key, Description("a")] string K; string S; }; class B : A { };`)
	b := s.Class("B")
	for _, tt := range []struct{ property, qualifier, want string }{
		{"K", "key", "TRUE"}, {"S", "KEY", "FALSE"}, {"K", "Description", "a"}, {"S", "Description", "NULL"},
	} {
		v, ok := s.Effective(b.Property(tt.property).Qualifiers, tt.qualifier)
		if !ok || v.String() != tt.want {
			t.Errorf("%s of %s is %s %v, want %s", tt.qualifier, tt.property, v, ok, tt.want)
		}
	}
	if v, ok := s.Effective(nil, "Nothing"); ok {
		t.Error("Nothing is", v)
	}
	if q := s.QualifierType("MAXLEN"); q == nil || q.Name != "MaxLen" || s.QualifierType("Nothing") != nil {
		t.Errorf("MaxLen is %+v", q)
	}
}

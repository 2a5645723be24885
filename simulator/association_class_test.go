package simulator_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

func classNames(classes []*cim.Class) []string {
	names := []string{}
	for _, c := range classes {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

func pathClasses(paths []cim.ObjectPath) []string {
	names := []string{}
	for _, p := range paths {
		names = append(names, p.Class)
	}
	slices.Sort(names)
	return names
}

func TestClassAssociators(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	for _, test := range []struct {
		name, source string
		options      *cim.AssociationOptions
		want         []string
	}{
		{"all", "LAB_Thing", nil, []string{"LAB_Box", "LAB_Thing"}},
		{"by ancestors", "LAB_Crate", nil, []string{"LAB_Box", "LAB_Thing"}},
		{"association", "LAB_Thing", &cim.AssociationOptions{AssocClass: "LAB_Contains"}, []string{"LAB_Box"}},
		{"role", "LAB_Box", &cim.AssociationOptions{Role: "whole"}, []string{"LAB_Thing"}},
		{"result role", "LAB_Box", &cim.AssociationOptions{ResultRole: "Whole"}, []string{"LAB_Box"}},
		{"result class", "LAB_Box", &cim.AssociationOptions{ResultClass: "LAB_Box"}, []string{"LAB_Box"}},
		{"nothing", "LAB_Numbered", nil, []string{}},
		{"above the references", "LAB_Root", nil, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			source := cim.ClassPath(cimv2, test.source)
			classes, err := collect(c.AssociatorClasses(t.Context(), source, test.options))
			if diff := cmp.Diff(test.want, classNames(classes)); diff != "" || err != nil {
				t.Errorf("Associators: %v\n%s", err, diff)
			}
			paths, err := collect(c.AssociatorNames(t.Context(), source, test.options))
			if diff := cmp.Diff(test.want, pathClasses(paths)); diff != "" || err != nil {
				t.Errorf("AssociatorNames: %v\n%s", err, diff)
			}
		})
	}
}

func TestClassReferences(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	for _, test := range []struct {
		name, source string
		options      *cim.AssociationOptions
		want         []string
	}{
		{"all", "lab_box", nil, []string{"LAB_Contains", "LAB_Likes"}},
		{"class", "LAB_Box", &cim.AssociationOptions{ResultClass: "LAB_Likes"}, []string{"LAB_Likes"}},
		{"role", "LAB_Thing", &cim.AssociationOptions{Role: "Part"}, []string{"LAB_Contains"}},
		{"role of a subclass only", "LAB_Thing", &cim.AssociationOptions{Role: "Whole"}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			source := cim.ClassPath(cimv2, test.source)
			classes, err := collect(c.ReferenceClasses(t.Context(), source, test.options))
			if diff := cmp.Diff(test.want, classNames(classes)); diff != "" || err != nil {
				t.Errorf("References: %v\n%s", err, diff)
			}
			paths, err := collect(c.ReferenceNames(t.Context(), source, test.options))
			if diff := cmp.Diff(test.want, pathClasses(paths)); diff != "" || err != nil {
				t.Errorf("ReferenceNames: %v\n%s", err, diff)
			}
		})
	}
}

// Classes come with full paths and with what is asked for of them.
func TestClassAssociationDetails(t *testing.T) {
	_, c := startLab(t, nil)
	o := &cim.AssociationOptions{ReadOptions: cim.ReadOptions{Properties: []string{"Why"}, IncludeQualifiers: true}}
	classes, err := collect(c.ReferenceClasses(t.Context(), cim.ClassPath("root/lab", "LAB_Box"), o))
	if err != nil || len(classes) != 2 {
		t.Fatalf("%v, %v", classes, err)
	}
	likes := classes[1]
	if len(likes.Properties) != 1 || !likes.HasQualifier("Association") ||
		likes.Path.Host != "localhost" || likes.Path.Namespace != "root/lab" || likes.Path.IsInstance() {
		t.Errorf("%+v", likes)
	}
}

package simulator_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

func TestQualifiers(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	before, err := collect(c.EnumerateQualifiers(t.Context(), cimv2))
	if err != nil || len(before) < 10 {
		t.Fatalf("%d qualifier types, %v", len(before), err)
	}
	key, err := c.GetQualifier(t.Context(), cimv2, "key")
	if err != nil || key.Name != "Key" || key.Scope != cim.ScopeProperty|cim.ScopeReference || key.Flavor&cim.Overridable != 0 {
		t.Errorf("%+v, %v", key, err)
	}
	_, err = c.GetQualifier(t.Context(), cimv2, "Nope")
	wantStatus(t, err, cim.StatusNotFound)

	q := &cim.QualifierType{
		Name: "LAB_Color", Default: cim.Strings("red", "green"), Scope: cim.ScopeClass | cim.ScopeProperty, Flavor: cim.DefaultFlavor,
	}
	for _, scope := range []cim.Scope{q.Scope, q.Scope | cim.ScopeMethod} { // created, then replaced
		q.Scope = scope
		if err := c.SetQualifier(t.Context(), cimv2, q); err != nil {
			t.Fatal(err)
		}
		got, err := c.GetQualifier(t.Context(), cimv2, "lab_color")
		if err != nil || got.Name != q.Name || !got.Default.Equal(q.Default) || got.Scope != scope || got.Flavor != q.Flavor {
			t.Errorf("%+v, %v, want %+v", got, err, q)
		}
	}
	after, err := collect(c.EnumerateQualifiers(t.Context(), cimv2))
	if err != nil || len(after) != len(before)+1 {
		t.Errorf("%d qualifier types, %v, want one more than %d", len(after), err, len(before))
	}
	if err := c.DeleteQualifier(t.Context(), cimv2, "LAB_COLOR"); err != nil {
		t.Error(err)
	}
	wantStatus(t, c.DeleteQualifier(t.Context(), cimv2, "LAB_Color"), cim.StatusNotFound)
}

func TestQualifierErrors(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		name string
		q    cim.QualifierType
		want cim.Status
	}{
		{"bad name", cim.QualifierType{Name: "a b", Default: cim.Boolean(false), Scope: cim.ScopeAny}, cim.StatusInvalidParameter},
		{"two in one", cim.QualifierType{Name: "A : boolean, Scope(any); Qualifier B", Default: cim.Boolean(false), Scope: cim.ScopeAny}, cim.StatusInvalidParameter},
		{"other type in use", cim.QualifierType{Name: "Key", Default: cim.String(""), Scope: cim.ScopeAny}, cim.StatusFailed},
		{"smaller scope in use", cim.QualifierType{Name: "Description", Default: cim.Null(cim.TypeString), Scope: cim.ScopeClass}, cim.StatusFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantStatus(t, c.SetQualifier(t.Context(), cimv2, &test.q), test.want)
		})
	}
	for _, name := range []string{"Key", "Description", "In", "Association", "EmbeddedInstance"} {
		wantStatus(t, c.DeleteQualifier(t.Context(), cimv2, name), cim.StatusFailed)
	}
	_, err := c.GetQualifier(t.Context(), "root/nope", "Key")
	wantStatus(t, err, cim.StatusInvalidNamespace)
}

// A class may have a qualifier once its type is declared.
func TestClassWithNewQualifier(t *testing.T) {
	_, c := startLab(t, nil)
	class := &cim.Class{Name: "LAB_Red", Qualifiers: []cim.Qualifier{{Name: "LAB_Color", Value: cim.String("red"), Flavor: cim.DefaultFlavor}}}
	wantStatus(t, c.CreateClass(t.Context(), cimv2, class), cim.StatusInvalidParameter)
	q := &cim.QualifierType{Name: "LAB_Color", Default: cim.Null(cim.TypeString), Scope: cim.ScopeClass, Flavor: cim.DefaultFlavor}
	if err := errors.Join(c.SetQualifier(t.Context(), cimv2, q), c.CreateClass(t.Context(), cimv2, class)); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetClass(t.Context(), cimv2, "LAB_Red", &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil || !slices.ContainsFunc(got.Qualifiers, func(q cim.Qualifier) bool { return q.Name == "LAB_Color" && q.Value.Equal(cim.String("red")) }) {
		t.Errorf("%+v, %v", got, err)
	}
	wantStatus(t, c.DeleteQualifier(t.Context(), cimv2, "LAB_Color"), cim.StatusFailed)
	if err := errors.Join(c.DeleteClass(t.Context(), cimv2, "LAB_Red"), c.DeleteQualifier(t.Context(), cimv2, "LAB_Color")); err != nil {
		t.Error(err)
	}
}

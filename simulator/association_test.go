package simulator_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
)

// ends returns the names of instances, sorted, with those of the ends of associations in
// brackets.
func ends(paths []cim.ObjectPath) []string {
	list := namesOf(paths)
	slices.Sort(list)
	return list
}

func namesOf(paths []cim.ObjectPath) []string {
	list := make([]string, 0, len(paths))
	for _, p := range paths {
		name := p.KeyText("Name")
		for _, k := range p.Keys {
			if end, ok := k.Value.Reference(); ok {
				name += "[" + end.KeyText("Name") + "]"
			}
		}
		list = append(list, name)
	}
	return list
}

func pathsOf(instances []*cim.Instance) []cim.ObjectPath {
	var paths []cim.ObjectPath
	for _, i := range instances {
		paths = append(paths, i.Path)
	}
	return paths
}

func TestAssociators(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		name    string
		source  cim.ObjectPath
		options *cim.AssociationOptions
		want    []string
	}{
		{"all", thing("LAB_Box", "box"), nil, []string{"ball", "crate"}}, // ball twice, once each
		{"association", thing("LAB_Box", "box"), &cim.AssociationOptions{AssocClass: "lab_likes"}, []string{"ball"}},
		{"role", thing("LAB_Box", "box"), &cim.AssociationOptions{Role: "part"}, []string{"crate"}},
		{"result role", thing("LAB_Box", "box"), &cim.AssociationOptions{ResultRole: "Part"}, []string{"ball"}},
		{"both roles", thing("LAB_Box", "box"), &cim.AssociationOptions{Role: "Part", ResultRole: "Target"}, []string{}},
		{"result class", thing("LAB_Box", "box"), &cim.AssociationOptions{ResultClass: "LAB_Box"}, []string{"crate"}},
		{"result superclass", thing("LAB_Box", "box"), &cim.AssociationOptions{ResultClass: "LAB_Root"}, []string{"ball", "crate"}},
		{"nothing", thing("LAB_Thing", `a "quoted\" name`), nil, []string{}},
		{"source does not exist", thing("LAB_Thing", "nope"), nil, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			list, err := collect(c.Associators(t.Context(), test.source, test.options))
			if diff := cmp.Diff(test.want, ends(pathsOf(list))); diff != "" || err != nil {
				t.Errorf("Associators: %v\n%s", err, diff)
			}
			paths, err := collect(c.AssociatorNames(t.Context(), test.source, test.options))
			if diff := cmp.Diff(test.want, ends(paths)); diff != "" || err != nil {
				t.Errorf("AssociatorNames: %v\n%s", err, diff)
			}
			for _, p := range paths {
				if p.Host != "localhost" || p.Namespace != cimv2 {
					t.Errorf("%s is no full path", p)
				}
			}
		})
	}
}

func TestReferences(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		name    string
		options *cim.AssociationOptions
		want    []string
	}{
		{"all", nil, []string{"[ball][box]", "[box][ball]", "[crate][box]"}},
		{"class", &cim.AssociationOptions{ResultClass: "LAB_Likes"}, []string{"[ball][box]"}},
		{"role", &cim.AssociationOptions{Role: "WHOLE"}, []string{"[box][ball]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			list, err := collect(c.References(t.Context(), thing("LAB_Box", "box"), test.options))
			if diff := cmp.Diff(test.want, ends(pathsOf(list))); diff != "" || err != nil {
				t.Errorf("References: %v\n%s", err, diff)
			}
			paths, err := collect(c.ReferenceNames(t.Context(), thing("LAB_Box", "box"), test.options))
			if diff := cmp.Diff(test.want, ends(paths)); diff != "" || err != nil {
				t.Errorf("ReferenceNames: %v\n%s", err, diff)
			}
		})
	}
}

func TestReferencesProperties(t *testing.T) {
	_, c := startLab(t, nil)
	list, err := collect(c.References(t.Context(), thing("LAB_Box", "box"), &cim.AssociationOptions{
		ResultClass: "LAB_Likes", ReadOptions: cim.ReadOptions{Properties: []string{"Why"}},
	}))
	if err != nil || len(list) != 1 || list[0].Text("Why") != "round" || len(list[0].Properties) != 1 {
		t.Errorf("references %v, %v", list, err)
	}
}

// All four operations refuse the same things.
func TestAssociationErrors(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		name    string
		source  cim.ObjectPath
		options *cim.AssociationOptions
		want    cim.Status
	}{
		{"class of a class", cim.ClassPath(cimv2, "LAB_Nope"), nil, cim.StatusInvalidClass},
		{"class", thing("LAB_Nope", "box"), nil, cim.StatusInvalidClass},
		{"namespace", thing("LAB_Box", "box").Relative().In("root/nope"), nil, cim.StatusInvalidNamespace},
		{"result class", thing("LAB_Box", "box"), &cim.AssociationOptions{ResultClass: "LAB_Nope"}, cim.StatusInvalidParameter},
	} {
		t.Run(test.name, func(t *testing.T) {
			errs := make(map[string]error)
			_, errs["Associators"] = collect(c.Associators(t.Context(), test.source, test.options))
			_, errs["AssociatorNames"] = collect(c.AssociatorNames(t.Context(), test.source, test.options))
			_, errs["References"] = collect(c.References(t.Context(), test.source, test.options))
			_, errs["ReferenceNames"] = collect(c.ReferenceNames(t.Context(), test.source, test.options))
			for _, op := range slices.Sorted(maps.Keys(errs)) {
				wantStatus(t, errs[op], test.want)
			}
		})
	}
}

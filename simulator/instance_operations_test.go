package simulator_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

func names(i *cim.Instance) []string {
	var list []string
	for _, p := range i.Properties {
		list = append(list, p.Name)
	}
	return list
}

func TestEnumerateInstances(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		name    string
		class   string
		options *cim.ReadOptions
		want    map[string]int // properties by name of instance
	}{
		{"all", "LAB_Thing", nil, map[string]int{"box": 10, "crate": 11, "ball": 9, `a "quoted\" name`: 9}},
		{"subclass", "lab_box", nil, map[string]int{"box": 10, "crate": 11}},
		{"shallow", "LAB_Box", &cim.ReadOptions{Shallow: true}, map[string]int{"box": 10, "crate": 10}},
		{"local only", "LAB_Box", &cim.ReadOptions{LocalOnly: true}, map[string]int{"box": 2, "crate": 1}},
		{"some properties", "LAB_Box", &cim.ReadOptions{Properties: []string{"name", "Wood"}}, map[string]int{"box": 1, "crate": 2}},
		{"no properties", "LAB_Box", &cim.ReadOptions{Properties: []string{}}, map[string]int{"box": 0, "crate": 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			list, err := collect(c.EnumerateInstances(t.Context(), cimv2, test.class, test.options))
			if err != nil {
				t.Fatal(err)
			}
			got := make(map[string]int)
			for _, i := range list {
				got[i.Path.KeyText("Name")] = len(i.Properties)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEnumerateInstancesErrors(t *testing.T) {
	_, c := startLab(t, nil)
	for _, test := range []struct {
		namespace, class string
		want             cim.Status
	}{
		{cimv2, "LAB_Nope", cim.StatusInvalidClass},
		{"root/nope", "LAB_Thing", cim.StatusInvalidNamespace},
	} {
		_, err := collect(c.EnumerateInstances(t.Context(), test.namespace, test.class, nil))
		wantStatus(t, err, test.want)
		_, err = collect(c.EnumerateInstanceNames(t.Context(), test.namespace, test.class))
		wantStatus(t, err, test.want)
	}
}

func TestEnumerateInstanceNames(t *testing.T) {
	_, c := startLab(t, nil)
	paths, err := collect(c.EnumerateInstanceNames(t.Context(), cimv2, "LAB_Box"))
	if err != nil || len(paths) != 2 || !paths[0].Equal(thing("LAB_Box", "box")) || !paths[1].Equal(thing("LAB_Crate", "crate")) {
		t.Errorf("paths %v, %v", paths, err)
	}
	elsewhere, err := collect(c.EnumerateInstanceNames(t.Context(), "root/LAB", "LAB_Thing"))
	if err != nil || len(elsewhere) != 1 || elsewhere[0].KeyText("Name") != "elsewhere" {
		t.Errorf("in root/lab: %v, %v", elsewhere, err)
	}
}

func TestGetInstance(t *testing.T) {
	_, c := startLab(t, nil)
	numbered := func(number, even cim.Value) cim.ObjectPath {
		return cim.InstancePath(cimv2, "lab_numbered", cim.Key{Name: "NUMBER", Value: number}, cim.Key{Name: "even", Value: even})
	}
	for _, test := range []struct {
		name string
		path cim.ObjectPath
		want cim.Status // 0 for success
	}{
		{"plain", thing("LAB_Box", "box"), 0},
		{"quoted key", thing("LAB_Thing", `a "quoted\" name`), 0},
		{"numbers", numbered(cim.Uint32(7), cim.Boolean(false)), 0},
		{"numbers as text", numbered(cim.String("7"), cim.String("false")), 0},
		{"other number", numbered(cim.Uint32(8), cim.Boolean(false)), cim.StatusNotFound},
		{"no number", numbered(cim.String("seven"), cim.Boolean(false)), cim.StatusNotFound},
		{"case of a key's value", thing("LAB_Box", "BOX"), cim.StatusNotFound},
		{"superclass", thing("LAB_Thing", "box"), cim.StatusNotFound},
		{"missing key", cim.InstancePath(cimv2, "LAB_Numbered", cim.Key{Name: "Number", Value: cim.Uint32(7)}), cim.StatusNotFound},
		{"unknown key", cim.InstancePath(cimv2, "LAB_Box", cim.Key{Name: "Nope", Value: cim.String("box")}), cim.StatusNotFound},
		{"class", thing("LAB_Nope", "box"), cim.StatusInvalidClass},
		{"namespace", thing("LAB_Box", "box").Relative().In("root/nope"), cim.StatusInvalidNamespace},
		{"other namespace", thing("LAB_Box", "box").Relative().In("root/lab"), cim.StatusNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			i, err := c.GetInstance(t.Context(), test.path, nil)
			if test.want != 0 {
				wantStatus(t, err, test.want)
			} else if err != nil || !cim.EqualNames(i.Class, test.path.Class) {
				t.Errorf("got %v, %v", i, err)
			}
		})
	}
}

func TestGetInstanceOptions(t *testing.T) {
	_, c := startLab(t, nil)
	i, err := c.GetInstance(t.Context(), thing("LAB_Crate", "crate"), &cim.ReadOptions{
		Properties: []string{"Caption", "Name", "Wood", "Nope"}, IncludeClassOrigin: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(i); !slices.Equal(got, []string{"Caption", "Name", "Wood"}) {
		t.Errorf("properties %v", got)
	}
	if i.Property("Caption").ClassOrigin != "LAB_Root" || i.Property("Wood").ClassOrigin != "LAB_Crate" {
		t.Errorf("origins of %+v", i.Properties)
	}
	if i.Text("Caption") != "a box" {
		t.Errorf("Caption %q is not the default", i.Text("Caption"))
	}
}

func TestCreateInstance(t *testing.T) {
	s, c := startLab(t, nil)
	inner := cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String("inner")))
	given := cim.NewInstance("lab_thing",
		cim.Prop("name", cim.String("new")), cim.Prop("Tags", cim.Strings("x", "")),
		cim.Prop("Ratio", cim.Real32(0.5)), cim.Prop("Offset", cim.Sint64(-1)), cim.Prop("Flag", cim.Null(cim.TypeString)),
		cim.Prop("Inner", cim.EmbeddedInstance(inner)))
	path, err := c.CreateInstance(t.Context(), cimv2, given)
	if err != nil || !path.Equal(thing("LAB_Thing", "new")) {
		t.Fatalf("path %v, %v", path, err)
	}
	read, err := c.GetInstance(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if read.Text("Caption") != "none" || !read.Get("Size").Equal(cim.Uint16(1)) || !read.Get("Flag").Equal(cim.Null(cim.TypeBoolean)) {
		t.Errorf("defaults are not filled in: %v", read)
	}
	if !read.Get("Tags").Equal(cim.Strings("x", "")) || !read.Get("Ratio").Equal(cim.Real32(0.5)) {
		t.Errorf("values differ: %v", read)
	}
	if got, ok := read.Get("Inner").Instance(); !ok || got.Text("Name") != "inner" {
		t.Errorf("Inner is %v", read.Get("Inner"))
	}
	if i, err := s.Instance(path); err != nil || i.Text("Name") != "new" {
		t.Errorf("the server has %v, %v", i, err)
	}
}

func TestCreateInstanceErrors(t *testing.T) {
	_, c := startLab(t, nil)
	named := func(class string, more ...cim.Property) *cim.Instance {
		return cim.NewInstance(class, append(more, cim.Prop("Name", cim.String("x")))...)
	}
	for _, test := range []struct {
		name      string
		namespace string
		instance  *cim.Instance
		want      cim.Status
	}{
		{"exists", cimv2, cim.NewInstance("LAB_Box", cim.Prop("Name", cim.String("box"))), cim.StatusAlreadyExists},
		{"class", cimv2, named("LAB_Nope"), cim.StatusInvalidClass},
		{"namespace", "root/nope", named("LAB_Thing"), cim.StatusInvalidNamespace},
		{"property", cimv2, named("LAB_Thing", cim.Prop("Nope", cim.String(""))), cim.StatusNoSuchProperty},
		{"type", cimv2, named("LAB_Thing", cim.Prop("Size", cim.String("1"))), cim.StatusTypeMismatch},
		{"width", cimv2, named("LAB_Thing", cim.Prop("Size", cim.Uint32(1))), cim.StatusTypeMismatch},
		{"array for a scalar", cimv2, named("LAB_Thing", cim.Prop("Size", cim.Uint16s(1))), cim.StatusTypeMismatch},
		{"scalar for an array", cimv2, named("LAB_Thing", cim.Prop("Tags", cim.String("a"))), cim.StatusTypeMismatch},
		{"no key", cimv2, cim.NewInstance("LAB_Thing"), cim.StatusInvalidParameter},
		{"abstract", cimv2, cim.NewInstance("LAB_Root"), cim.StatusNotSupported},
		{"indication", cimv2, cim.NewInstance("LAB_Alert"), cim.StatusNotSupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.CreateInstance(t.Context(), test.namespace, test.instance)
			wantStatus(t, err, test.want)
		})
	}
}

func TestModifyInstance(t *testing.T) {
	_, c := startLab(t, nil)
	change := func(properties ...cim.Property) *cim.Instance {
		i := cim.NewInstance("LAB_Box", properties...)
		i.Path = thing("LAB_Box", "box")
		return i
	}
	size, volume := cim.Prop("Size", cim.Uint16(8)), cim.Prop("Volume", cim.Uint32(8))
	for _, test := range []struct {
		name         string
		change       *cim.Instance
		list         []string
		want         cim.Status
		size, volume cim.Value // afterwards
	}{
		{"listed", change(size, volume), []string{"SIZE"}, 0, cim.Uint16(8), cim.Uint32(9)},
		{"nothing listed", change(size, volume), []string{}, 0, cim.Uint16(3), cim.Uint32(9)},
		{"all given", change(volume), nil, 0, cim.Uint16(3), cim.Uint32(8)},
		{"listed and not given", change(volume), []string{"Size", "Volume"}, 0, cim.Uint16(1), cim.Uint32(8)},
		{"to NULL", change(cim.Prop("Volume", cim.Null(cim.TypeUint32))), nil, 0, cim.Uint16(3), cim.Null(cim.TypeUint32)},
		{"same key", change(size, cim.Prop("Name", cim.String("box"))), nil, 0, cim.Uint16(8), cim.Uint32(9)},
		{"other key", change(cim.Prop("Name", cim.String("x"))), nil, cim.StatusInvalidParameter, cim.Uint16(3), cim.Uint32(9)},
		{"unknown property", change(size, cim.Prop("Nope", cim.String(""))), nil, cim.StatusNoSuchProperty, cim.Uint16(3), cim.Uint32(9)},
		{"unknown in list", change(size), []string{"Size", "Nope"}, cim.StatusNoSuchProperty, cim.Uint16(3), cim.Uint32(9)},
		{"type", change(cim.Prop("Size", cim.Sint8(1))), nil, cim.StatusTypeMismatch, cim.Uint16(3), cim.Uint32(9)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, lab(t), nil)
			c := connect(t, s, nil)
			err := c.ModifyInstance(t.Context(), test.change, test.list)
			if test.want != 0 {
				wantStatus(t, err, test.want)
			} else if err != nil {
				t.Fatal(err)
			}
			i, err := s.Instance(test.change.Path)
			if err != nil || !i.Get("Size").Equal(test.size) || !i.Get("Volume").Equal(test.volume) {
				t.Errorf("Size %v, Volume %v, %v", i.Get("Size"), i.Get("Volume"), err)
			}
		})
	}
	missing := change(size)
	missing.Path = thing("LAB_Box", "nope")
	wantStatus(t, c.ModifyInstance(t.Context(), missing, nil), cim.StatusNotFound)
	missing.Path = thing("LAB_Nope", "nope")
	wantStatus(t, c.ModifyInstance(t.Context(), missing, nil), cim.StatusInvalidClass)
}

func TestDeleteInstance(t *testing.T) {
	_, c := startLab(t, nil)
	path := thing("LAB_Box", "box")
	if err := c.DeleteInstance(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	_, err := c.GetInstance(t.Context(), path, nil)
	wantStatus(t, err, cim.StatusNotFound)
	wantStatus(t, c.DeleteInstance(t.Context(), path), cim.StatusNotFound)
	wantStatus(t, c.DeleteInstance(t.Context(), thing("LAB_Nope", "box")), cim.StatusInvalidClass)
}

func TestLifecycleOfClients(t *testing.T) {
	s, c := startLab(t, &simulator.Options{Lifecycle: true})
	l := listen(t)
	handler := create(t, c, newHandler("lifecycle", l.URL)) // one, which keeps the order
	for _, class := range []string{"CIM_InstCreation", "CIM_InstModification", "CIM_InstDeletion"} {
		create(t, c, newSubscription(create(t, c, newFilter(class, "SELECT * FROM "+class)), handler))
	}
	path := clientChanges(t, c)
	flush(t, s)
	for _, class := range []string{"CIM_InstCreation", "CIM_InstModification", "CIM_InstDeletion"} {
		i := l.next(t).export.Indication
		source, ok := i.Get("SourceInstance").Instance()
		if i.Class != class || !ok || source.Text("Name") != "short-lived" || i.Text("SourceInstanceModelPath") != path.String() {
			t.Errorf("%v, want %s", i, class)
		}
		previous, ok := i.Get("PreviousInstance").Instance()
		if ok != (class == "CIM_InstModification") || ok && !previous.Get("Size").Equal(cim.Uint16(1)) {
			t.Errorf("%s with PreviousInstance %v", class, previous)
		}
	}
	l.none(t)
}

// clientChanges creates, modifies and deletes an instance.
func clientChanges(t *testing.T, c *cimxml.Client) cim.ObjectPath {
	t.Helper()
	path, err := c.CreateInstance(t.Context(), cimv2, cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String("short-lived"))))
	if err != nil {
		t.Fatal(err)
	}
	changed := cim.NewInstance("LAB_Thing", cim.Prop("Size", cim.Uint16(2)))
	changed.Path = path
	if err := c.ModifyInstance(t.Context(), changed, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteInstance(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// An answer that XML cannot carry becomes an error, not half an answer.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	s, c := startLab(t, nil)
	path := thing("LAB_Box", "box")
	if _, _, err := s.Update(path, cim.Prop("Caption", cim.String("\x01"))); err != nil {
		t.Fatal(err)
	}
	_, err := c.GetInstance(t.Context(), path, nil)
	wantStatus(t, err, cim.StatusFailed)
	list, err := collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Root", nil))
	wantStatus(t, err, cim.StatusFailed)
	if len(list) != 0 {
		t.Errorf("got %d instances before the error", len(list))
	}
}

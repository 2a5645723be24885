package simulator_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/simulator"
)

func load(t *testing.T, text string) (*simulator.Model, error) {
	t.Helper()
	return simulator.LoadModel(fstest.MapFS{"x.mof": {Data: []byte(text)}}, "x.mof")
}

// subscribedModel is a model with a subscription that stands before what it refers to.
func subscribedModel(t *testing.T) *simulator.Model {
	t.Helper()
	m, err := load(t, `
		#pragma include ("interop.mof")
		[Indication] class LAB_Alert : CIM_AlertIndication { uint32 Number; };
		#pragma namespace ("root/interop")
		instance of CIM_IndicationSubscription { Filter = $F; Handler = $H; };
		instance of CIM_IndicationFilter as $F {
			SystemCreationClassName = "s"; SystemName = "n"; CreationClassName = "CIM_IndicationFilter"; Name = "f";
			Query = "SELECT * FROM LAB_Alert"; QueryLanguage = "WQL"; SourceNamespaces = {"root/cimv2"};
		};
		instance of CIM_IndicationHandlerCIMXML as $H {
			SystemCreationClassName = "s"; SystemName = "n"; CreationClassName = "CIM_IndicationHandlerCIMXML"; Name = "h";
			Destination = "http://127.0.0.1:1/";
		};`)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLoadModel(t *testing.T) {
	for _, test := range []struct {
		name, text string
		classes    string // that the schema has
		problem    string // "" for success
	}{
		{"alone", `class A { uint8 X; };`, "A CIM_Indication CIM_IndicationFilter CIMWATCH_Simulator", ""},
		{"derives from the built-in model", `class A : CIM_AlertIndication {};`, "A CIM_AlertIndication", ""},
		{"includes the built-in model", `#pragma include ("hardware.mof")` + "\nclass A : CIM_Fan {};", "A CIM_Fan CIM_IndicationFilter", ""},
		{"has classes of its own", `class CIM_ManagedElement { uint8 Own; };`, "CIM_ManagedElement", ""},
		{"mistake", "class A {\n uint8 X\n};", "", "x.mof:3:1: "},
		{"unknown superclass", "class A : B {};", "", "x.mof:1:11: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := load(t, test.text)
			if test.problem != "" {
				var list mof.ErrorList
				if !errors.As(err, &list) || !strings.HasPrefix(list.Error(), test.problem) {
					t.Errorf("error %v, want %s...", err, test.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for class := range strings.FieldsSeq(test.classes) {
				if m.Schema.Class(class) == nil {
					t.Errorf("there is no class %s", class)
				}
			}
			if _, err := simulator.New(m, nil); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := simulator.LoadModel(fstest.MapFS{}, "x.mof"); err == nil {
		t.Error("a file that is missing is no error")
	}
}

// A model is given what it takes to subscribe, and nothing of ESXi.
func TestLoadModelAddsLittle(t *testing.T) {
	m, err := load(t, `
		#pragma include ("qualifiers.mof")
		#pragma include ("core.mof")
		class LAB_Own : CIM_LogicalDevice {};`)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range m.Schema.ClassNames() {
		if strings.HasPrefix(name, "VMware_") || strings.HasPrefix(name, "LSIESG_") || strings.HasPrefix(name, "OMC_") && m.Schema.IsA(name, "CIM_Indication") {
			t.Errorf("class %s was added", name)
		}
	}
	for _, name := range []string{"CIM_InstCreation", "CIM_AlertIndication", "CIM_IndicationSubscription", "CIMWATCH_Simulator"} {
		if m.Schema.Class(name) == nil {
			t.Errorf("class %s is missing", name)
		}
	}
	if m, err = load(t, `#pragma include ("alerts.mof")`); err != nil || m.Schema.Class("OMC_IpmiAlertIndication") == nil {
		t.Errorf("the alerts of ESXi cannot be included: %v", err)
	}
}

func TestNewRefusesModel(t *testing.T) {
	m, err := load(t, `
		#pragma namespace ("root/interop")
		instance of CIM_IndicationFilter {
			SystemCreationClassName = "s"; SystemName = "n"; CreationClassName = "c"; Name = "f"; Query = "SELECT"; QueryLanguage = "WQL";
		};`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = simulator.New(m, nil)
	wantStatus(t, err, cim.StatusInvalidQuery)
}

// Two servers of one model do not see each other's changes.
func TestModelIsShared(t *testing.T) {
	m := lab(t)
	a, b := start(t, m, nil), start(t, m, nil)
	if _, _, err := a.Update(thing("LAB_Box", "box"), cim.Prop("Volume", cim.Uint32(1))); err != nil {
		t.Fatal(err)
	}
	i, err := b.Instance(thing("LAB_Box", "box"))
	if err != nil || !i.Get("Volume").Equal(cim.Uint32(9)) {
		t.Errorf("the other server has %v, %v", i, err)
	}
}

func TestProgramChanges(t *testing.T) {
	s, _ := startLab(t, nil)
	i := cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String("new")))
	created, err := s.Create(i)
	if err != nil || !created.Path.Equal(thing("LAB_Thing", "new")) {
		t.Fatalf("created %v, %v", created, err)
	}
	_, err = s.Create(i)
	wantStatus(t, err, cim.StatusAlreadyExists)
	before, after, err := s.Update(created.Path, cim.Prop("Size", cim.Uint16(2)))
	if err != nil || !before.Get("Size").Equal(cim.Uint16(1)) || !after.Get("Size").Equal(cim.Uint16(2)) {
		t.Errorf("before %v, after %v, %v", before, after, err)
	}
	gone, err := s.Delete(created.Path)
	if err != nil || !gone.Equal(after) {
		t.Errorf("deleted %v, %v", gone, err)
	}
	_, _, err = s.Update(created.Path)
	wantStatus(t, err, cim.StatusNotFound)
	_, err = s.Delete(created.Path)
	wantStatus(t, err, cim.StatusNotFound)
	elsewhere := cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String("new")))
	elsewhere.Path.Namespace = "root/lab"
	if _, err := s.Create(elsewhere); err != nil {
		t.Error(err)
	}
	if list, err := s.Instances("root/lab", "LAB_Thing"); err != nil || len(list) != 2 {
		t.Errorf("in root/lab: %v, %v", list, err)
	}
}

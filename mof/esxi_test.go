package mof_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// esxiModel compiles the model that the simulator serves, from the one file that
// includes the others.
func esxiModel(t *testing.T) *mof.Schema {
	t.Helper()
	s, err := mof.CompileFS(os.DirFS("../simulator/esxi"), []string{"esxi.mof"}, &mof.Options{
		Warn: func(w *mof.Error) { t.Error("warning:", w) },
	})
	fatalErrors(t, err)
	return s
}

func TestESXiModel(t *testing.T) {
	s := esxiModel(t)
	byClass := map[string]int{}
	for _, i := range s.Instances() {
		byClass[i.Class]++
		if q := s.Class(i.Class).Qualifier("Association"); q != nil {
			continue
		}
		if v := i.Get("HealthState"); v.Type() == cim.TypeUint16 && v.String() != "5" {
			t.Errorf("%s has health %s, want a healthy host", i.Path, v)
		}
	}
	for class, least := range map[string]int{
		"OMC_UnitaryComputerSystem": 1, "OMC_Chassis": 1, "OMC_SMASHFirmwareIdentity": 1, "OMC_Processor": 2,
		"OMC_PhysicalMemory": 8, "OMC_PowerSupply": 2, "OMC_Fan": 4, "OMC_NumericSensor": 10,
		"OMC_DiscreteSensor": 2, "VMware_Controller": 1, "VMware_Battery": 1, "VMware_StorageVolume": 1,
		"VMware_StorageExtent": 2, "VMware_EthernetPort": 2, "OMC_RecordLog": 1, "CIMWATCH_Simulator": 1,
		"CIM_Namespace": 2, "CIM_ObjectManager": 1,
	} {
		if byClass[class] < least {
			t.Errorf("%d instances of %s, want %d or more", byClass[class], class, least)
		}
	}
	sensor := instance(t, s, func(path string) bool { return strings.Contains(path, `DeviceID="115.0.32.0"`) })
	if got := sensor.Path.String(); !strings.HasPrefix(got, "root/cimv2:OMC_DiscreteSensor.") {
		t.Error("the sensor of the case is", got)
	}
	server := instance(t, s, func(path string) bool { return strings.HasPrefix(path, "CIM_ObjectManager.") })
	if got := server.Path.Namespace; got != "root/interop" {
		t.Error("the CIM server is in", got)
	}
	for _, name := range []string{"CIM_IndicationFilter", "CIM_IndicationHandlerCIMXML", "CIM_ListenerDestinationCIMXML"} {
		if got := strings.Join(s.Class(name).KeyNames(), " "); got != "SystemCreationClassName SystemName CreationClassName Name" {
			t.Errorf("keys of %s: %s", name, got)
		}
	}
	roundTrip(t, s)
}

// instance returns the first instance whose path, without its namespace, fits.
func instance(t *testing.T, s *mof.Schema, fits func(path string) bool) *cim.Instance {
	t.Helper()
	for _, i := range s.Instances() {
		if fits(i.Path.Relative().String()) {
			return i
		}
	}
	t.Fatal("no such instance")
	return nil
}

// TestESXiIsStandard compares the standard classes of the model with the DMTF's: every
// property has the DMTF's type, and the keys are the DMTF's.
func TestESXiIsStandard(t *testing.T) {
	model, standard := esxiModel(t), compileDMTF(t, dmtfSchema(t))
	compared := 0
	for _, name := range model.ClassNames() {
		if !strings.HasPrefix(name, "CIM_") {
			continue
		}
		got, want := model.Class(name), standard.Class(name)
		if want == nil {
			t.Errorf("the DMTF has no class %s", name)
			continue
		}
		if g, w := strings.Join(got.KeyNames(), " "), strings.Join(want.KeyNames(), " "); g != w {
			t.Errorf("keys of %s: %s, want %s", name, g, w)
		}
		for _, ancestor := range model.Ancestors(name) {
			if !standard.IsA(name, ancestor) {
				t.Errorf("%s is no %s at the DMTF", name, ancestor)
			}
		}
		for i := range got.Properties {
			compareProperty(t, name, &got.Properties[i], want)
			compared++
		}
	}
	if compared < 500 {
		t.Errorf("only %d properties compared", compared)
	}
}

func compareProperty(t *testing.T, class string, got *cim.Property, standard *cim.Class) {
	t.Helper()
	want := standard.Property(got.Name)
	if want == nil {
		t.Errorf("the DMTF has no property %s.%s", class, got.Name)
		return
	}
	if got.Name != want.Name || got.Value.Type() != want.Value.Type() || got.Value.IsArray() != want.Value.IsArray() ||
		got.ReferenceClass != want.ReferenceClass || got.Embedded != want.Embedded {
		t.Errorf("%s.%s: %+v, want %+v", class, got.Name, got, want)
	}
	for _, name := range []string{"ValueMap", "Values"} {
		q := got.Qualifier(name)
		if q == nil {
			continue
		}
		if w := want.Qualifier(name); w == nil || !q.Value.Equal(w.Value) {
			t.Errorf("%s.%s: %s differs from the DMTF's", class, got.Name, name)
		}
	}
}

// TestESXiNeedsNoFiles looks up what a listener shows of the model's alerts without it.
func TestESXiNeedsNoFiles(t *testing.T) {
	s := esxiModel(t)
	for _, name := range s.ClassNames() {
		if !s.IsA(name, "CIM_Indication") {
			continue
		}
		for _, p := range s.Class(name).Properties {
			m := s.ValueMap(name, p.Name)
			for n := range int64(20) {
				want, ok := m.Meaning(cim.Sint64(n))
				if got, known := mof.BuiltinValues().Meaning(name, p.Name, n); ok && (!known || got != want) {
					t.Errorf("%s.%s %d: got %q, want %q", name, p.Name, n, got, want)
				}
			}
		}
	}
}

package cimxml

import (
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestBrandOf(t *testing.T) {
	for _, c := range []struct{ elementName, description, name, brand, version string }{
		{"sfcb", "Small Footprint CIM Broker 1.4.10-preview", "sfcb:NO-UUID-FILE-vm", "sfcb", "1.4.10-preview"},
		{"Pegasus", "Pegasus OpenPegasus Version 2.14.1", "PG:1234-5678", "OpenPegasus", "2.14.1"},
		{"Pegasus", "Pegasus CIM Server Version 2.11.0 Released", "PG:1", "OpenPegasus", "2.11.0"},
		{"WBEM Solutions J WBEM Server 3.2.1", "", "WBS:1", "WBEM Solutions J WBEM Server", "3.2.1"},
		{"EMC CIM Server", "v4.6.2.1", "EMC:1", "EMC CIM Server", "4.6.2.1"},
		{"Our Server", "build 1234", "S1", "Our Server", ""},
		{"Our Server v2.0.", "", "S1", "Our Server v2.0.", "2.0"},
		{"", "", "S1", "S1", ""},
		{"", "", "", "", ""},
		{"Array-10.1.2.3", "", "", "Array-10.1.2.3", "10.1.2.3"},
	} {
		manager := cim.NewInstance("CIM_ObjectManager", cim.Prop("ElementName", cim.String(c.elementName)),
			cim.Prop("Description", cim.String(c.description)), cim.Prop("Name", cim.String(c.name)))
		if brand, version := brandOf(manager); brand != c.brand || version != c.version {
			t.Errorf("%q, %q: got %q %q, want %q %q", c.elementName, c.description, brand, version, c.brand, c.version)
		}
	}
	manager := cim.NewInstance("CIM_ObjectManager", cim.Prop("ElementName", cim.String("X 1.2")), cim.Prop("Version", cim.String("1.3")))
	if _, version := brandOf(manager); version != "1.3" {
		t.Errorf("got %s, want what Version says", version)
	}
}

func TestOrganization(t *testing.T) {
	for _, c := range []struct {
		number cim.Value
		other  string
		want   string
	}{
		{cim.Uint16(2), "", "DMTF"}, {cim.Uint16(11), "", "SNIA"}, {cim.Uint16(21), "", "The Green Grid"},
		{cim.Uint16(1), "ACME", "ACME"}, {cim.Uint16(99), "", "99"}, {cim.Null(cim.TypeUint16), "", ""}, {cim.Uint16(0), "", "0"},
	} {
		i := cim.NewInstance("CIM_RegisteredProfile", cim.Prop("RegisteredOrganization", c.number))
		if c.other != "" {
			i.Set("OtherRegisteredOrganization", cim.String(c.other))
		}
		if got := organization(i); got != c.want {
			t.Errorf("%v %q: got %q, want %q", c.number, c.other, got, c.want)
		}
	}
}

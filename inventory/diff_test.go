package inventory_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// all returns the components, those that were removed too.
func (m *memory) all() []inventory.Component { return slices.Collect(m.Components()) }

// read returns the components of a host on which that was found.
func read(instances ...*cim.Instance) []inventory.Component {
	m := newMemory()
	m.sync(0, instances...)
	return m.all()
}

func differences(found []inventory.Difference) []string {
	var all []string
	for _, d := range found {
		line := d.Kind.String() + " " + d.Name
		if d.Property != "" {
			line += " [" + d.Property + "]"
		}
		if !d.Old.IsNull() || !d.New.IsNull() {
			line += " " + d.Old.String() + " -> " + d.New.String()
		}
		all = append(all, line)
	}
	return all
}

func wantDifferences(t *testing.T, found []inventory.Difference, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, differences(found), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestDiffOfTimes(t *testing.T) {
	fan := device("CIM_Fan", "1", text("ElementName", "Fan 1"), status(2), cim.Prop("CurrentReading", cim.Uint32(5)))
	slow := device("CIM_Fan", "1", text("ElementName", "Fan 1"), status(3), cim.Prop("CurrentReading", cim.Uint32(7)), text("Caption", "slow"))
	for _, test := range []struct {
		name string
		a, b []inventory.Component
		want []string
	}{
		{"nothing", read(fan), read(fan), nil},
		{"appeared and disappeared", read(fan, dimm("1", "A1", "S1")), read(fan, device("CIM_Fan", "2", text("ElementName", "Fan 10"))),
			[]string{"disappeared DIMM A1", "appeared Fan 10"}},
		{"properties, and no reading", read(fan), read(slow),
			[]string{"property Fan 1 [OperationalStatus] {2} -> {3}", "property Fan 1 [Caption] NULL -> slow", "health Fan 1 ok -> warning"}},
		{"another part", read(dimm("1", "A1", "S1")), read(dimm("1", "A1", "S2")), []string{"replaced DIMM A1 [SerialNumber] S1 -> S2"}},
		{"another part under another path", read(dimm("1", "A1", "S1")), read(dimm("2", "A1", "S2")),
			[]string{"replaced DIMM A1 [SerialNumber] S1 -> S2"}},
		{"moved", read(dimm("1", "A1", "S1")), read(dimm("2", "A2", "S1")), []string{"moved DIMM A2 A1 -> A2"}},
		{"swapped", read(dimm("1", "A1", "S1"), dimm("2", "A2", "S2")), read(dimm("1", "A1", "S2"), dimm("2", "A2", "S1")),
			[]string{"moved DIMM A1 A2 -> A1", "moved DIMM A2 A1 -> A2"}},
		{"serial numbers that are none", read(dimm("1", "A1", "N/A"), dimm("2", "A2", "N/A")), read(dimm("1", "A1", "N/A"), dimm("2", "A2", "N/A")), nil},
		{"no longer there", nil, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) { wantDifferences(t, inventory.Diff(test.a, test.b, nil), test.want...) })
	}
}

func TestDiffOfConditionsAndMembers(t *testing.T) {
	m := newMemory()
	m.syncWith(0, allRead(basedOn(volume, disk1), basedOn(volume, disk2)), volume, disk1, disk2)
	before := m.all()
	m.apply(alert(1, disk1, "Assert + Disk fault"))
	m.syncWith(2, allRead(basedOn(volume, disk1), basedOn(volume, disk10)), volume, disk1, disk2, disk10)
	after := m.all()
	wantDifferences(t, inventory.Diff(before, after, nil),
		"raised Drive 1 [disk fault] NULL -> Disk fault", "health Drive 1 unknown -> critical",
		"appeared Drive 10", "member lost Volume 0 [based on] Drive 2 -> NULL")
	wantDifferences(t, inventory.Diff(after, before, nil),
		"cleared Drive 1 [disk fault] Disk fault -> NULL", "health Drive 1 critical -> unknown",
		"disappeared Drive 10", "member gained Volume 0 [based on] NULL -> Drive 2")
	d := inventory.Diff(before, after, nil)[2]
	if d.A != "" || d.B != disk10.Path.Relative().Canonical() || d.Component != inventory.KindDisk {
		t.Errorf("what appeared is %+v", d)
	}
}

// on returns a device as another host has it: under another system's name.
func on(system string, i *cim.Instance, properties ...cim.Property) *cim.Instance {
	c := i.Clone()
	c.Path.Keys = append(c.Path.Keys, cim.Key{Name: "SystemName", Value: cim.String(system)})
	c.Set("SystemName", cim.String(system))
	for _, p := range properties {
		c.Set(p.Name, p.Value)
	}
	return c
}

func TestDiffOfHosts(t *testing.T) {
	bios := device("CIM_SoftwareIdentity", "b", text("ElementName", "System BIOS"), text("VersionString", "2.1"))
	one := read(on("one", computer, text("ElementName", "one")), on("one", dimm("1", "A1", "S1")), on("one", dimm("2", "A2", "S2")), on("one", bios),
		on("one", disk1), on("one", disk2))
	same := read(on("two", computer, text("ElementName", "two")), on("two", dimm("1", "A1", "T1")), on("two", dimm("2", "A2", "S1")), on("two", bios),
		on("two", disk1), on("two", disk2))
	hosts := &inventory.DiffOptions{Hosts: true}
	wantDifferences(t, inventory.Diff(one, same, hosts), "property two [ElementName] one -> two")
	other := read(on("three", computer, text("ElementName", "three")), on("three", dimm("1", "A1", "U1"), text("PartNumber", "P2")),
		on("three", bios, text("VersionString", "2.2")), on("three", disk1))
	wantDifferences(t, inventory.Diff(one, other, hosts),
		"property three [ElementName] one -> three", "property DIMM A1 [PartNumber] P1 -> P2", "disappeared DIMM A2",
		"disappeared Drive 2", "property System BIOS [VersionString] 2.1 -> 2.2")
}

// A host differs in nothing from itself, and what differs one way differs the other way.
func TestDiffBothWays(t *testing.T) {
	opposite := map[inventory.ChangeKind]inventory.ChangeKind{
		inventory.Appeared: inventory.Disappeared, inventory.Disappeared: inventory.Appeared,
		inventory.MemberLost: inventory.MemberGained, inventory.MemberGained: inventory.MemberLost,
	}
	rapid.Check(t, func(t *rapid.T) {
		options := &inventory.DiffOptions{Hosts: rapid.Bool().Draw(t, "hosts")}
		components := func(label string) []inventory.Component {
			m := newMemory()
			found := instances(t, label)
			m.syncWith(0, drawLinks(t, found), found...)
			return m.all()
		}
		a, b := components("a"), components("b")
		if found := inventory.Diff(a, rapid.Permutation(a).Draw(t, "order"), &inventory.DiffOptions{}); len(found) != 0 {
			t.Fatalf("it differs from itself: %q", differences(found))
		}
		forth, back := inventory.Diff(a, b, options), inventory.Diff(b, a, options)
		sorted := func(found []inventory.Difference, turned bool) (all []string) {
			for _, d := range found {
				d.Name = ""
				if turned {
					d.Old, d.New = d.New, d.Old
					if o, ok := opposite[d.Kind]; ok {
						d.Kind = o
					}
				}
				all = append(all, differences([]inventory.Difference{d})...)
			}
			slices.Sort(all)
			return all
		}
		if diff := cmp.Diff(sorted(forth, false), sorted(back, true), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("forth and back (-forth +back):\n%s", diff)
		}
	})
}

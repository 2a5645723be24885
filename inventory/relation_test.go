package inventory_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// link is an instance of an association class between two instances.
type link struct {
	class, from, to string // roles
	one, other      *cim.Instance
}

func basedOn(volume, disk *cim.Instance) link {
	return link{"CIM_BasedOn", "Dependent", "Antecedent", volume, disk}
}

func systemDevice(system, device *cim.Instance) link {
	return link{"CIM_SystemDevice", "GroupComponent", "PartComponent", system, device}
}

func controlledBy(controller, device *cim.Instance) link {
	return link{"CIM_ControlledBy", "Antecedent", "Dependent", controller, device}
}

func memberOf(member, set *cim.Instance) link {
	return link{"CIM_MemberOfCollection", "Member", "Collection", member, set}
}

func sensorOf(sensor, device *cim.Instance) link {
	return link{"CIM_AssociatedSensor", "Antecedent", "Dependent", sensor, device}
}

// allRead returns links as a sync that read all classes has them.
func allRead(links ...link) map[string][]cim.ObjectPath {
	read := map[string][]cim.ObjectPath{}
	for _, class := range inventory.Associations() {
		read[class] = nil
	}
	for _, l := range links {
		read[l.class] = append(read[l.class], cim.InstancePath("root/cimv2", "LAB_"+l.class[4:],
			cim.Key{Name: strings.ToLower(l.from), Value: cim.Reference(l.one.Path)},
			cim.Key{Name: l.to, Value: cim.Reference(l.other.Path)}))
	}
	return read
}

func (m *memory) syncWith(seconds int, read map[string][]cim.ObjectPath, instances ...*cim.Instance) inventory.Delta {
	return m.take(inventory.Sync(m, inventory.Snapshot{
		Host: "esx1", Instances: instances, Associations: read, Started: at(seconds), Reason: inventory.Resync,
	}))
}

// array is a host's storage, and a set of power supplies.
var (
	computer = device("CIM_ComputerSystem", "esx1", text("ElementName", "esx1"))
	raid     = device("VMware_Controller", "c", text("ElementName", "Controller 0"))
	volume   = device("VMware_StorageVolume", "v", text("ElementName", "Volume 0"))
	disk1    = device("VMware_StorageExtent", "d1", text("ElementName", "Drive 1"))
	disk2    = device("VMware_StorageExtent", "d2", text("ElementName", "Drive 2"))
	disk10   = device("VMware_StorageExtent", "d10", text("ElementName", "Drive 10"))
	supplies = device("CIM_RedundancySet", "s", text("ElementName", "Power"))
	supply1  = device("CIM_PowerSupply", "p1", text("ElementName", "PSU 1"))
	volts    = device("CIM_NumericSensor", "n1", text("ElementName", "PSU 1 Voltage"))
)

func (m *memory) relations(t *testing.T, i *cim.Instance) []string {
	t.Helper()
	var all []string
	for _, r := range m.present(t, i).Relations {
		all = append(all, string(r.Kind)+" "+m.components[r.ID].Name)
	}
	return all
}

func TestRelationsOfAllAssociations(t *testing.T) {
	board := device("CIM_Card", "b", text("ElementName", "Board"))
	chassis := device("CIM_Chassis", "ch", text("ElementName", "Chassis"))
	fan := device("CIM_Fan", "f", text("ElementName", "Fan 1"))
	battery := device("CIM_Battery", "bat", text("ElementName", "Battery"))
	module := device("CIM_PhysicalMemory", "m", text("ElementName", "DIMM A1"))
	pool := device("CIM_RecordLog", "pool", text("ElementName", "Collection"))
	unknown := device("CIM_Fan", "nobody read")
	m := newMemory()
	m.syncWith(0, allRead(
		link{"CIM_ComputerSystemPackage", "Antecedent", "Dependent", chassis, computer},
		link{"CIM_Container", "GroupComponent", "PartComponent", chassis, board},
		link{"CIM_Container", "GroupComponent", "PartComponent", board, module},
		link{"CIM_Container", "GroupComponent", "PartComponent", board, module},
		link{"CIM_SuppliesPower", "Antecedent", "Dependent", supply1, computer},
		link{"CIM_AssociatedBattery", "Antecedent", "Dependent", battery, raid},
		link{"CIM_AssociatedCooling", "Antecedent", "Dependent", fan, board},
		link{"CIM_MediaPresent", "Dependent", "Antecedent", volume, disk2},
		link{"CIM_ProtocolControllerForUnit", "Antecedent", "Dependent", raid, volume},
		link{"CIM_RedundancyComponent", "GroupComponent", "PartComponent", supplies, supply1},
		link{"CIM_Realizes", "Antecedent", "Dependent", module, fan},
		memberOf(supply1, supplies), memberOf(fan, pool), basedOn(volume, disk1), controlledBy(raid, disk1),
		sensorOf(volts, supply1), systemDevice(computer, fan), systemDevice(computer, unknown), systemDevice(fan, fan),
	), computer, raid, volume, disk1, disk2, supplies, supply1, volts, board, chassis, fan, battery, module, pool)
	for _, test := range []struct {
		of   *cim.Instance
		want []string
	}{
		{computer, []string{"contains Fan 1"}},
		{chassis, []string{"contains Board", "contains esx1"}},
		{board, []string{"contains DIMM A1"}},
		{raid, []string{"controls Drive 1", "controls Volume 0"}},
		{volume, []string{"based on Drive 1", "based on Drive 2"}},
		{supplies, []string{"redundancy of PSU 1"}},
		{supply1, []string{"powers esx1"}},
		{battery, []string{"powers Controller 0"}},
		{volts, []string{"measures PSU 1"}},
		{fan, []string{"cools Board", "member of Collection"}},
		{module, []string{"realizes Fan 1"}},
	} {
		got := m.relations(t, test.of)
		if slices.Sort(got); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.of.Text("ElementName"), got, test.want)
		}
	}
	for _, c := range m.history {
		if c.Kind != inventory.Appeared {
			t.Errorf("a first sync tells %s", c.Kind)
		}
	}
}

func TestLostMembersAreChanges(t *testing.T) {
	m := newMemory()
	all := []*cim.Instance{computer, volume, disk1, disk2, supplies, supply1}
	links := []link{
		basedOn(volume, disk1), basedOn(volume, disk2), memberOf(supply1, supplies),
		systemDevice(computer, volume), systemDevice(computer, disk1),
	}
	m.syncWith(0, allRead(links...), all...)
	if d := m.syncWith(1, allRead(links[4], links[3], links[2], links[1], links[0]), all...); len(d.Changes)+len(d.Upserts) != 0 {
		t.Errorf("the same again: %q, %d upserts", lines(d.Changes), len(d.Upserts))
	}
	// One leaves the volume and is still there; containing is not worth an entry.
	wantLines(t, m.syncWith(2, allRead(links[0], links[2]), all...).Changes,
		"member lost Volume 0 [based on] Drive 2 -> NULL")
	if got := m.relations(t, computer); len(got) != 0 {
		t.Errorf("the system %q", got)
	}
	wantLines(t, m.syncWith(3, allRead(links...), all...).Changes,
		"member gained Volume 0 [based on] NULL -> Drive 2")
	// One is gone.
	wantLines(t, m.syncWith(4, allRead(links...), computer, volume, disk1, disk2, supplies).Changes,
		"disappeared PSU 1", "member lost Power [redundancy of] PSU 1 -> NULL")
	if diff := cmp.Diff(m.now(), m.replay()); diff != "" {
		t.Errorf("history leads elsewhere (-state +replayed):\n%s", diff)
	}
}

func TestUnreadAssociationsStay(t *testing.T) {
	m := newMemory()
	all := []*cim.Instance{volume, disk1, disk2}
	m.syncWith(0, allRead(basedOn(volume, disk1), controlledBy(disk2, disk1)), all...)
	none := allRead()
	delete(none, "CIM_MediaPresent") // tells of the same kind of relations as CIM_BasedOn
	wantLines(t, m.syncWith(1, none, all...).Changes)
	if got := m.relations(t, volume); !slices.Equal(got, []string{"based on Drive 1"}) {
		t.Errorf("the volume %q", got)
	}
	if got := m.relations(t, disk2); len(got) != 0 {
		t.Errorf("what was read: %q", got)
	}
	some := allRead(basedOn(volume, disk2))
	delete(some, "CIM_MediaPresent")
	partial := inventory.Snapshot{Host: "esx1", Instances: all, Associations: some, Started: at(2), Partial: true}
	wantLines(t, m.take(inventory.Sync(m, partial)).Changes, "member gained Volume 0 [based on] NULL -> Drive 2")
	wantLines(t, m.sync(3, all...).Changes)
	if got := m.relations(t, volume); !slices.Equal(got, []string{"based on Drive 1", "based on Drive 2"}) {
		t.Errorf("the volume %q", got)
	}
}

// TestRelationsOfPartialReading learns of a lost member though a class was not read, be it
// that of the whole: the associations were.
func TestRelationsOfPartialReading(t *testing.T) {
	for name, found := range map[string][]*cim.Instance{
		"part not read": {volume}, "whole not read": {disk1, disk2}, "nothing read": nil,
	} {
		m := newMemory()
		m.syncWith(0, allRead(basedOn(volume, disk1), basedOn(volume, disk2)), volume, disk1, disk2)
		partial := inventory.Snapshot{
			Host: "esx1", Instances: found, Associations: allRead(basedOn(volume, disk1)), Started: at(60), Partial: true,
			Reason: inventory.Resync,
		}
		t.Log(name)
		wantLines(t, m.take(inventory.Sync(m, partial)).Changes, "member lost Volume 0 [based on] Drive 2 -> NULL")
		wantLines(t, m.take(inventory.Sync(m, partial)).Changes)
		if diff := cmp.Diff(m.now(), m.replay()); diff != "" {
			t.Errorf("history leads elsewhere (-state +replayed):\n%s", diff)
		}
	}
}

// outline writes a tree with a line for each node.
func outline(n *inventory.Node, indent string) string {
	var b strings.Builder
	if n.Component != nil {
		b.WriteString(indent + n.Component.Name + "\n")
		indent += "  "
	}
	for _, child := range n.Children {
		b.WriteString(outline(child, indent))
	}
	return b.String()
}

func TestTree(t *testing.T) {
	m := newMemory()
	lone := device("CIM_Fan", "f", text("ElementName", "Fan"))
	spare := disk10
	m.syncWith(0, allRead(
		systemDevice(computer, raid), systemDevice(computer, volume), systemDevice(computer, disk1), systemDevice(computer, disk2),
		systemDevice(computer, supply1), systemDevice(computer, supplies), systemDevice(computer, volts), systemDevice(computer, spare),
		basedOn(volume, disk1), basedOn(volume, disk2), controlledBy(raid, disk1), controlledBy(raid, disk2), controlledBy(raid, spare),
		memberOf(supply1, supplies), sensorOf(volts, supply1),
	), computer, raid, volume, disk1, disk2, spare, supplies, supply1, volts, lone)
	const want = `esx1
  Controller 0
    Drive 10
    Volume 0
      Drive 1
      Drive 2
  Power
    PSU 1
      PSU 1 Voltage
Fan
`
	if got := outline(inventory.Tree(slices.Collect(m.Components())), ""); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	m.syncWith(1, allRead(), disk10, disk2, disk1)
	if got := outline(inventory.Tree(slices.Collect(m.Components())), ""); got != "Drive 1\nDrive 2\nDrive 10\n" {
		t.Errorf("without relations:\n%s", got)
	}
}

// Whatever relations say, each component stands in the tree once.
func TestTreeHoldsAll(t *testing.T) {
	kinds := []inventory.RelationKind{
		inventory.Contains, inventory.Controls, inventory.BasedOn, inventory.MemberOf, inventory.RedundancyOf,
		inventory.Measures, inventory.Realizes, inventory.Powers, inventory.Cools,
	}
	ids := []string{"a", "b", "c", "d", "e"}
	rapid.Check(t, func(t *rapid.T) {
		var components []inventory.Component
		for _, id := range ids {
			c := inventory.Component{ID: id, Name: id, Kind: inventory.KindFan}
			for range rapid.IntRange(0, 4).Draw(t, "relations") {
				c.Relations = append(c.Relations, inventory.Relation{
					Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), ID: rapid.SampledFrom(append(ids, "gone")).Draw(t, "other"),
				})
			}
			components = append(components, c)
		}
		names := strings.Fields(outline(inventory.Tree(components), ""))
		if slices.Sort(names); !slices.Equal(names, ids) {
			t.Fatalf("the tree holds %q", names)
		}
	})
}

// TestRelationsOfPieces relates what earlier pieces of a reading brought in.
func TestRelationsOfPieces(t *testing.T) {
	m := newMemory()
	disk, volume := device("CIM_DiskDrive", "d1"), device("CIM_StorageVolume", "v1")
	first := inventory.Snapshot{Host: "esx1", Started: at(0), Partial: true, Instances: []*cim.Instance{volume}}
	m.take(inventory.Sync(m, first))
	last := inventory.Snapshot{
		Host: "esx1", Started: at(0), Instances: []*cim.Instance{disk}, Associations: allRead(basedOn(volume, disk)),
		Seen: map[string]bool{inventory.ID(volume.Path): true},
	}
	m.take(inventory.Sync(m, last))
	want := []inventory.Relation{{Kind: inventory.BasedOn, ID: inventory.ID(disk.Path)}}
	if diff := cmp.Diff(want, m.present(t, volume).Relations); diff != "" {
		t.Errorf("relations (-want +got):\n%s", diff)
	}
}

package inventory_test

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

var start = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// at returns a moment some seconds into the tests.
func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// memory is the inventory of one host in memory, with its history.
type memory struct {
	components map[string]inventory.Component
	history    []inventory.Change
}

func newMemory() *memory { return &memory{components: map[string]inventory.Component{}} }

func (m *memory) Component(id string) (inventory.Component, bool) {
	c, ok := m.components[id]
	return c, ok
}

func (m *memory) Components() iter.Seq[inventory.Component] {
	return func(yield func(inventory.Component) bool) {
		for _, id := range slices.Sorted(maps.Keys(m.components)) {
			if !yield(m.components[id]) {
				return
			}
		}
	}
}

func (m *memory) take(d inventory.Delta) inventory.Delta {
	for _, c := range d.Upserts {
		m.components[c.ID] = c
	}
	for _, id := range d.Removes {
		delete(m.components, id)
	}
	m.history = append(m.history, d.Changes...)
	return d
}

func (m *memory) apply(e event.Event) inventory.Delta { return m.take(inventory.Apply(m, e)) }

func (m *memory) sync(seconds int, instances ...*cim.Instance) inventory.Delta {
	return m.take(inventory.Sync(m, inventory.Snapshot{
		Host: "esx1", Instances: instances, Started: at(seconds), Reason: inventory.Resync,
	}))
}

// present returns a component that must be there.
func (m *memory) present(t *testing.T, i *cim.Instance) inventory.Component {
	t.Helper()
	c, ok := m.components[i.Path.Relative().Canonical()]
	if !ok || !c.Removed.IsZero() {
		t.Fatalf("%v is not there", i.Path)
	}
	return c
}

// device returns an instance of a logical device, found under root/cimv2 of a server.
func device(class, id string, properties ...cim.Property) *cim.Instance {
	i := cim.NewInstance(class, append([]cim.Property{cim.Prop("DeviceID", cim.String(id))}, properties...)...)
	i.Path = cim.InstancePath("root/cimv2", class, cim.Key{Name: "DeviceID", Value: cim.String(id)})
	i.Path.Host = "esx1.example"
	return i
}

func text(name, value string) cim.Property      { return cim.Prop(name, cim.String(value)) }
func number(name string, n uint16) cim.Property { return cim.Prop(name, cim.Uint16(n)) }
func status(n ...uint16) cim.Property           { return cim.Prop("OperationalStatus", cim.Uint16s(n...)) }

func dimm(id, slot, serial string) *cim.Instance {
	return device("CIM_PhysicalMemory", id,
		text("ElementName", "DIMM "+slot), text("BankLabel", slot), text("SerialNumber", serial), text("PartNumber", "P1"))
}

// alert returns an event of an IPMI alert about an element, n its place in the sequence.
func alert(n int, about *cim.Instance, description string) event.Event {
	i := cim.NewInstance("OMC_IpmiAlertIndication", text("Description", description))
	if about != nil {
		i.Set("AlertingManagedElement", cim.String(about.Path.Local().String()))
	}
	return numbered(n, i)
}

// lifecycle returns an event of CIM_InstCreation, CIM_InstDeletion or CIM_InstModification.
func lifecycle(n int, class string, source, previous *cim.Instance) event.Event {
	i := cim.NewInstance(class, cim.Prop("SourceInstance", cim.EmbeddedInstance(source)),
		text("SourceInstanceModelPath", source.Path.Local().String()))
	if previous != nil {
		i.Set("PreviousInstance", cim.EmbeddedInstance(previous))
	}
	return numbered(n, i)
}

func numbered(n int, i *cim.Instance) event.Event {
	i.Set("SequenceContext", cim.String("c1"))
	i.Set("SequenceNumber", cim.Sint64(int64(n)))
	i.Set("IndicationTime", cim.Timestamp(at(n)).Value())
	e := event.Normalise("esx1", at(n), i)
	e.Entry = uint64(n)
	return e
}

// lines writes changes for comparison: what, of which component, from, to.
func lines(changes []inventory.Change) []string {
	var all []string
	for _, c := range changes {
		line := c.Kind.String() + " " + c.Name
		if c.Property != "" {
			line += " [" + c.Property + "]"
		}
		if !c.Old.IsNull() || !c.New.IsNull() {
			line += " " + c.Old.String() + " -> " + c.New.String()
		}
		all = append(all, line)
	}
	return all
}

func wantLines(t *testing.T, changes []inventory.Change, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, lines(changes), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// state is what the history of a component has to agree with.
type state struct {
	Is         string
	Health     string
	Properties string
	Conditions string
	Relations  string
}

// now returns the state of the components that are there.
func (m *memory) now() map[string]state {
	return states(slices.Collect(m.Components()))
}

func states(components []inventory.Component) map[string]state {
	all := map[string]state{}
	for _, c := range components {
		if !c.Removed.IsZero() {
			continue
		}
		conditions := map[string]string{}
		for _, o := range c.Conditions {
			conditions[o.Key] = fmt.Sprint(o.Text, " ", o.Severity, " since ", o.Since, " by ", o.Cause)
		}
		all[c.ID] = state{
			Is:         fmt.Sprint(c.Host, c.Path, c.Class, c.Kind, c.Name, c.Slot, c.Serial),
			Health:     fmt.Sprint(c.Health, " by ", c.Reason, " since ", c.Since),
			Properties: properties(c.Properties),
			Conditions: join(conditions),
			Relations:  members(c.Relations),
		}
	}
	return all
}

// members writes the relations that the history has in full.
func members(relations []inventory.Relation) string {
	m := map[string]string{}
	for _, r := range relations {
		if r.Kind == inventory.BasedOn || r.Kind == inventory.RedundancyOf || r.Kind == inventory.MemberOf {
			m[string(r.Kind)+" "+r.ID] = ""
		}
	}
	return join(m)
}

// coarse leaves out what depends on the order in which indications came: which is first and which is last.
func coarse(states map[string]state) map[string]state {
	for id, s := range states {
		s.Health, _, _ = strings.Cut(s.Health, " by ")
		s.Conditions = regexp.MustCompile(` since .*?; `).ReplaceAllString(s.Conditions, "; ")
		states[id] = s
	}
	return states
}

// replay returns the state that the history leads to.
func (m *memory) replay() map[string]state { return m.at(24 * 3600) }

// at returns the state that the history says there was.
func (m *memory) at(seconds int) map[string]state {
	past, err := inventory.At(m.changes(), at(seconds))
	if err != nil {
		panic(err) // the sequence has no errors
	}
	return states(past.Components)
}

func (m *memory) changes() iter.Seq2[inventory.Change, error] {
	return func(yield func(inventory.Change, error) bool) {
		for _, c := range m.history {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// properties writes what is not NULL and not noise.
func properties(list []cim.Property) string {
	m := map[string]string{}
	for _, p := range list {
		if !p.Value.IsNull() && p.Name != "CurrentReading" {
			m[p.Name] = p.Value.String()
		}
	}
	return join(m)
}

func join(m map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		b.WriteString(k + "=" + m[k] + "; ")
	}
	return b.String()
}

// Package inventory works out what is in a host, how it is, and what changed: it turns
// events and readings into changes of components, and leaves keeping them to its caller.
//
// The shortest useful program applies an alert and shows what it did:
//
//	delta := inventory.Apply(view, event.Normalise("esx1", time.Now(), indication))
//	for _, c := range delta.Changes {
//		fmt.Println(c.Time, c.Name, c.Kind, c.Property, c.Old, c.New)
//	}
//
// # Components
//
// A component is an instance of one of the classes in class.go, identified within its host
// by its object path without host and namespace. When a component disappears it is kept,
// with Removed set, so that what comes to its slot is told as a replacement.
//
// An alert about an element that the inventory does not have creates a component with
// nothing but the path, so that no condition is lost; a complete Sync that does not find
// it leaves it for as long as the condition holds. An alert that names no element goes to
// the component [HostID], which stands for the host itself.
//
// # Health
//
// Health is the worst of what HealthState, every OperationalStatus, ExtentStatus and the open
// conditions say, with that as its reason. A sensor that says that it is well, or nothing of that, is
// also judged by its reading and the limits that it states: providers leave a state at OK that
// they do not work out. One that says that it does not know, or that it is ill, is taken at its word.
// A reading is in the history only where it crosses a limit, or comes with a change of health.
//
// # Relations
//
// A sync reads associations, whose roles tell the direction, and gives each component its
// [Relation]s to others that are there. Of these, only members of sets and volumes that are lost or
// gained are changes. [Tree] arranges a host's components by them.
//
// # Order
//
// Senders do not keep the order of indications across retries (observed: sfcb). What is
// older than what a component or condition has heard already, by sequence number where
// there is one, else by time, does not undo it. But counters are reset and clocks are set
// back: what can be no retry, because it comes too late for one or because number and time
// contradict each other, is new. A deletion is remembered also of what was not known, so that a
// creation that comes behind it brings nothing back. In doubt an alert raises, since an alarm too many is
// better than one lost.
//
// # What ends a condition
//
// The alert that is its opposite does; a good state, such as "Fully Redundant", ends all
// conditions of its family. Servers do not report recovery (observed: VMware), so a Sync
// also ends the conditions of an element that says by itself, in HealthState or
// OperationalStatus, that it is well, if the reading began after the condition was last
// raised. Three sorts of elements keep their conditions: those that say nothing of their
// health, or that it is unknown; sensors whose CurrentState still names trouble; and those
// with conditions of [event.FamilySecurity], unless the element called itself unwell before,
// since the sensor of an open case is well. What nothing ends and nobody repeats ends by
// [Snapshot.TimeLimit], also on the component [HostID]. A component has at most 64 open
// conditions: the least severe ones, of these the oldest, give way.
//
// # Queries
//
// A [Query] says which components are wanted, in what order and how many. [Query.Set] reads
// its parts as flags and URLs have them; [Query.Select] picks them out of any sequence, and
// a store finds them by its indexes.
//
// # Concurrency
//
// Functions are pure: they read their arguments and change nothing. A Component is plain
// data; those from a View and in a Delta may share slices, so copy before changing.
package inventory

import (
	"encoding/json"
	"iter"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// HostID is the ID of the component that stands for the host itself.
const HostID = "host"

// View is the inventory of one host as it is, removed components included.
type View interface {
	Component(id string) (Component, bool)
	Components() iter.Seq[Component]
}

// Delta is what has to be done to a View to bring it up to date, and the history of it.
type Delta struct {
	Upserts []Component // to be added, or to stand in place of those with the same ID
	Removes []string    // IDs of components to be forgotten, after the Upserts
	Changes []Change    // in the order in which they lead from the old state to the new one
}

// Component is a part of a host.
type Component struct {
	ID    string         `json:"id"` // canonical text of the path without host and namespace
	Host  string         `json:"host"`
	Path  cim.ObjectPath `json:"-"` // as last seen; zero for the host itself
	Class string         `json:"class"`
	Kind  Kind           `json:"kind"`

	Name     string `json:"name"`
	Slot     string `json:"slot,omitempty"`
	Vendor   string `json:"vendor,omitempty"`
	Model    string `json:"model,omitempty"`
	Part     string `json:"part,omitempty"`
	Serial   string `json:"serial,omitempty"`
	Firmware string `json:"firmware,omitempty"`

	Health Health    `json:"health"`
	Reason string    `json:"reason,omitempty"` // what made Health what it is
	Since  time.Time `json:"since"`            // when Health became what it is

	Properties cim.PropertyMap `json:"properties"`          // as last read or told
	Conditions []Condition     `json:"conditions"`          // open, in the order they were raised
	Cleared    []Condition     `json:"cleared,omitempty"`   // ended, the latest of each key
	Relations  []Relation      `json:"relations,omitempty"` // to other components, as last read; sorted
	FirstSeen  time.Time       `json:"first_seen"`          // by this machine's clock
	LastSeen   time.Time       `json:"last_seen"`           // last change or alert; a sync that finds nothing new leaves it
	Removed    time.Time       `json:"removed,omitzero"`    // when it disappeared; zero while it is there
	Read       time.Time       `json:"read,omitzero"`       // when properties were last read or told; zero: never
	Told       Mark            `json:"-"`                   // of the last lifecycle indication
}

// Instance returns what is known of the component as an instance. It shares the properties.
func (c *Component) Instance() *cim.Instance {
	return &cim.Instance{Class: c.Class, Path: c.Path, Properties: c.Properties}
}

// MarshalJSON writes the path as text and adds the reading of a numeric sensor.
func (c Component) MarshalJSON() ([]byte, error) {
	type plain Component
	shown := struct {
		plain
		Path    string   `json:"path,omitempty"`
		Reading *Reading `json:"reading,omitempty"`
	}{plain: plain(c)}
	if !c.Path.IsZero() {
		shown.Path = c.Path.String()
	}
	if shown.Conditions == nil {
		shown.Conditions = []Condition{}
	}
	if r, ok := c.Reading(); ok {
		shown.Reading = &r
	}
	return json.Marshal(shown)
}

// Condition is a state of a component that an alert began.
type Condition struct {
	Key      string         `json:"key"` // event.Condition.Key
	Text     string         `json:"text"`
	Severity event.Severity `json:"severity"`
	Since    time.Time      `json:"since,omitzero"` // first raised, by the sender's clock
	Last     time.Time      `json:"last,omitzero"`  // last raised
	Count    int            `json:"count"`          // how often raised since it was not open
	Ended    time.Time      `json:"ended,omitzero"` // zero while it is open
	Cause    Cause          `json:"cause"`          // what raised it; of an ended one, what ended it
	Heard    Mark           `json:"-"`              // of the last alert about it
}

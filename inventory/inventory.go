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
// # Order
//
// Senders do not keep the order of indications across retries (observed: sfcb). What is
// older than what a component or condition has heard already, by sequence number where
// there is one, else by time, does not undo it.
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
	Changes []Change    // in the order they happened
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

	Properties cim.PropertyMap `json:"properties"`        // as last read or told
	Conditions []Condition     `json:"conditions"`        // open, in the order they were raised
	Cleared    []Condition     `json:"cleared,omitempty"` // ended, the latest of each key
	FirstSeen  time.Time       `json:"first_seen"`        // by this machine's clock
	LastSeen   time.Time       `json:"last_seen"`         // last change or alert; a sync that finds nothing new leaves it
	Removed    time.Time       `json:"removed,omitzero"`  // when it disappeared; zero while it is there
	Read       time.Time       `json:"read,omitzero"`     // when properties were last read or told; zero: never
	Told       Mark            `json:"-"`                 // of the last lifecycle indication
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

// Mark is when and in which order an indication came.
type Mark struct {
	Received time.Time       // by this machine's clock
	Time     time.Time       // by the sender's clock
	Sequence *event.Sequence // nil when the sender gave none
}

// lateness is how long after a newer one an older indication can arrive: attempts x
// interval x 10 with the defaults of DSP1054. A time further back than that means that the
// sender's clock was set.
const lateness = 3 * 30 * time.Second * 10

func markOf(e *event.Event) Mark {
	return Mark{Received: e.Received, Time: e.Time, Sequence: e.Sequence}
}

// outdates reports whether e comes from before what m marks. Numbers of different contexts
// say that the server or the handler is another one, whose retries do not outlive it, so
// that order of arrival counts: alerts of an element come by one handler.
func (m Mark) outdates(e *event.Event) bool {
	if m.Sequence != nil && e.Sequence != nil {
		return m.Sequence.Context == e.Sequence.Context && e.Sequence.Number < m.Sequence.Number
	}
	return m.after(e)
}

// outdatesLifecycle is outdates for events that come by several handlers, as creations and
// deletions do, each of which retries on its own: their times tell the order then.
func (m Mark) outdatesLifecycle(e *event.Event) bool {
	if m.Sequence != nil && e.Sequence != nil && m.Sequence.Context == e.Sequence.Context {
		return e.Sequence.Number < m.Sequence.Number
	}
	return m.after(e)
}

func (m Mark) after(e *event.Event) bool {
	return e.Time.Before(m.Time) && m.Time.Sub(e.Time) <= lateness
}

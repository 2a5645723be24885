package store

import (
	"math"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

// The newest version of each record that this code writes. A change of a record's fields
// adds a version, and its decoder goes on reading the old ones.
const (
	componentVersion = 2 // 2: relations
	changeVersion    = 2 // 2: relations, and when it got known
	hostVersion      = 1
)

func encodeComponent(c *inventory.Component) []byte {
	e := encoder{b: make([]byte, 0, 1024)}
	e.component(c)
	return e.b
}

func (e *encoder) component(c *inventory.Component) {
	e.byte(componentVersion)
	e.text(c.ID)
	e.text(c.Host)
	e.path(c.Path)
	e.text(c.Class)
	e.text(string(c.Kind))
	for _, s := range []string{c.Name, c.Slot, c.Vendor, c.Model, c.Part, c.Serial, c.Firmware} {
		e.text(s)
	}
	e.byte(byte(c.Health))
	e.text(c.Reason)
	for _, t := range []time.Time{c.Since, c.FirstSeen, c.LastSeen, c.Removed, c.Read} {
		e.time(t)
	}
	e.mark(c.Told)
	e.properties(c.Properties)
	e.conditions(c.Conditions)
	e.conditions(c.Cleared)
	e.relations(c.Relations)
}

func decodeComponent(b []byte) (inventory.Component, error) { return decodeNamed(b, nil) }

// decodeNamed decodes a component that shares names with others.
func decodeNamed(b []byte, names *texts) (inventory.Component, error) {
	d := decoder{b: b, texts: names}
	var c inventory.Component
	version := d.head(&c, d.path)
	c.Told = d.mark()
	c.Properties = d.properties(0)
	c.Conditions = d.conditions()
	c.Cleared = d.conditions()
	if version >= 2 {
		c.Relations = d.relations()
	}
	return c, d.end()
}

// decodeHead decodes a component without what takes most of the time: properties,
// conditions, relations and mark.
func decodeHead(b []byte) (inventory.Component, error) {
	d := decoder{b: b}
	var c inventory.Component
	d.head(&c, d.path)
	return c, d.err
}

// head decodes all that decodeHead does, with a path as it is to be read.
func (d *decoder) head(c *inventory.Component, path func(depth int) cim.ObjectPath) (version byte) {
	version = d.version(componentVersion)
	c.ID, c.Host, c.Path, c.Class = d.text(), d.known(), path(0), d.known()
	c.Kind = inventory.Kind(d.known())
	for _, s := range []*string{&c.Name, &c.Slot} {
		*s = d.text()
	}
	for _, s := range []*string{&c.Vendor, &c.Model, &c.Part} {
		*s = d.known()
	}
	for _, s := range []*string{&c.Serial, &c.Firmware} {
		*s = d.text()
	}
	c.Health, c.Reason = inventory.Health(d.byte()), d.text()
	for _, t := range []*time.Time{&c.Since, &c.FirstSeen, &c.LastSeen, &c.Removed, &c.Read} {
		*t = d.time()
	}
	return version
}

func (e *encoder) conditions(conditions []inventory.Condition) {
	e.uint(uint64(len(conditions)))
	for _, c := range conditions {
		e.text(c.Key)
		e.text(c.Text)
		e.byte(byte(c.Severity))
		e.time(c.Since)
		e.time(c.Last)
		e.uint(uint64(max(c.Count, 0)))
		e.time(c.Ended)
		e.cause(c.Cause)
		e.mark(c.Heard)
	}
}

func (d *decoder) conditions() []inventory.Condition {
	return list(d, func() inventory.Condition {
		return inventory.Condition{
			Key: d.text(), Text: d.text(), Severity: event.Severity(d.byte()),
			Since: d.time(), Last: d.time(), Count: int(d.below(math.MaxInt32)), Ended: d.time(),
			Cause: d.cause(), Heard: d.mark(),
		}
	})
}

func (e *encoder) relations(relations []inventory.Relation) {
	e.uint(uint64(len(relations)))
	for _, r := range relations {
		e.text(string(r.Kind))
		e.text(r.ID)
	}
}

func (d *decoder) relations() []inventory.Relation {
	return list(d, func() inventory.Relation {
		return inventory.Relation{Kind: inventory.RelationKind(d.text()), ID: d.text()}
	})
}

func (e *encoder) cause(c inventory.Cause) {
	e.text(c.Reason)
	e.text(c.Class)
	e.uint(c.Entry)
}

func (d *decoder) cause() inventory.Cause {
	return inventory.Cause{Reason: d.text(), Class: d.text(), Entry: d.uint()}
}

func (e *encoder) mark(m inventory.Mark) {
	e.time(m.Received)
	e.time(m.Time)
	e.sequence(m.Sequence)
}

func (d *decoder) mark() inventory.Mark {
	return inventory.Mark{Received: d.time(), Time: d.time(), Sequence: d.sequence()}
}

func (e *encoder) sequence(s *event.Sequence) {
	e.bool(s != nil)
	if s != nil {
		e.text(s.Context)
		e.int(s.Number)
	}
}

func (d *decoder) sequence() *event.Sequence {
	if !d.bool() {
		return nil
	}
	return &event.Sequence{Context: d.text(), Number: d.int()}
}

func encodeChange(c *inventory.Change) []byte {
	e := encoder{b: make([]byte, 0, 256)}
	e.byte(changeVersion)
	e.text(c.Host)
	e.text(c.ID)
	e.text(string(c.Component))
	e.text(c.Name)
	e.time(c.Time)
	e.byte(byte(c.Kind))
	e.text(c.Property)
	e.value(c.Old)
	e.value(c.New)
	e.bool(c.Instance != nil)
	if c.Instance != nil {
		e.instance(c.Instance)
	}
	e.byte(byte(c.Severity))
	e.byte(byte(c.Health))
	e.cause(c.Cause)
	e.time(c.Known)
	e.relations(c.Relations)
	return e.b
}

// tailedOf returns which component a change is of, as long as the record is there.
func tailedOf(b []byte) tailed {
	d := decoder{b: b, lends: true}
	d.version(changeVersion)
	host, id := d.text(), d.text()
	return tailed{host, id, d.err}
}

func decodeChange(b []byte) (inventory.Change, error) {
	d := decoder{b: b}
	version := d.version(changeVersion)
	c := inventory.Change{
		Host: d.text(), ID: d.text(), Component: inventory.Kind(d.text()), Name: d.text(), Time: d.time(),
		Kind: inventory.ChangeKind(d.byte()), Property: d.text(), Old: d.value(0), New: d.value(0),
	}
	if d.bool() {
		c.Instance = d.instance(0)
	}
	c.Severity, c.Health, c.Cause = event.Severity(d.byte()), inventory.Health(d.byte()), d.cause()
	c.Known = c.Time
	if version >= 2 {
		c.Known, c.Relations = d.time(), d.relations()
	}
	return c, d.end()
}

func encodeHost(h *inventory.Host) []byte {
	var e encoder
	e.byte(hostVersion)
	for _, s := range []string{h.Name, h.URL, h.Interop, h.Subscription, h.Error} {
		e.text(s)
	}
	for _, t := range []time.Time{h.FirstSeen, h.LastSync, h.LastIndication} {
		e.time(t)
	}
	return e.b
}

func decodeHost(b []byte) (inventory.Host, error) {
	d := decoder{b: b}
	d.version(hostVersion)
	var h inventory.Host
	for _, s := range []*string{&h.Name, &h.URL, &h.Interop, &h.Subscription, &h.Error} {
		*s = d.text()
	}
	for _, t := range []*time.Time{&h.FirstSeen, &h.LastSync, &h.LastIndication} {
		*t = d.time()
	}
	return h, d.end()
}

// Package event turns received indications into events of one shape: what happened to
// which element of which host, how bad it is, and whether it raises or clears a condition.
//
// The shortest useful program prints alerts:
//
//	e := event.Normalise("esx1", time.Now(), indication)
//	fmt.Println(e.Time, e.Host, e.Severity, e.Action, e.Condition.Text, e.Element)
//
// The package does no I/O and keeps no state; functions may be called from several
// goroutines at once.
//
// # Caveats
//
// Every property of an indication may be missing (observed: sfcb strips properties when
// another subscriber asked for fewer), so every field of an Event but Host, Received, Time
// and Class may be zero.
//
// VMware's providers leave PerceivedSeverity at 0 and say everything in Description. What
// is read out of such texts stands in the table of rules.go and nowhere else.
package event

import (
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Event is an indication in the shape that everything behind the journal works with.
type Event struct {
	Host     string    // the managed system, by the name its configuration has
	Entry    uint64    // the number of its journal entry; 0 where there is none
	Received time.Time // by this machine's clock

	// Time is when it happened, by the sender's clock: IndicationTime, else EventTime,
	// else Received.
	Time time.Time

	Class       string // of the indication
	Kind        Kind
	Severity    Severity
	Action      Action
	Condition   Condition      // alerts only
	Element     cim.ObjectPath // what it is about; zero when that is not told
	Description string
	MessageID   string // CIM_AlertIndication.MessageID, not that of the CIM-XML message

	Source   *cim.Instance // lifecycle only: as it is now, or was when it was deleted
	Previous *cim.Instance // modifications only: as it was before; nil when not told

	Sequence *Sequence // nil when the sender gave none
}

// Condition is a state of an element that an alert begins or ends. The same Key in the
// raising and in the clearing alert makes them a pair, on the same element.
type Condition struct {
	Key  string // lower case, stable across versions: it is kept in stores
	Text string // for people

	// Family is the group of conditions of an element that a good state ends together, such
	// as those of the redundancy of its power supplies; "" for none. A raise says to which
	// it belongs; a clear with a Family ends all of it, one without ends its Key only.
	Family string
}

// FamilySecurity begins the Family of conditions that no health of an element speaks of: a
// sensor for the opening of a case works well while the case is open.
const FamilySecurity = "security"

// Sequence is the place of an indication among those of one listener destination
// (CIM_Indication, DSP1054). Context alone does not tell destinations of one server apart:
// two handlers that sfcb created in one second share it.
type Sequence struct {
	Context string `json:"context"`
	Number  int64  `json:"number"`
}

// SequenceOf returns the sequence values of an indication, nil when it lacks one of them.
func SequenceOf(indication *cim.Instance) *Sequence {
	context := indication.Text("SequenceContext")
	number, ok := indication.Get("SequenceNumber").Int64()
	if context == "" || !ok {
		return nil
	}
	return &Sequence{Context: context, Number: number}
}

// Normalise returns the event that an indication of a host tells of. It keeps no part of
// indication but embedded instances, which it does not change.
func Normalise(host string, received time.Time, indication *cim.Instance) Event {
	e := Event{
		Host:        host,
		Received:    received,
		Time:        timeOf(indication, received),
		Class:       indication.Class,
		Kind:        kindOf(indication),
		Severity:    given(indication),
		Description: indication.Text("Description"),
		MessageID:   indication.Text("MessageID"),
		Sequence:    SequenceOf(indication),
	}
	switch e.Kind {
	case KindAlert:
		e.Element = alertingElement(indication)
		judge(&e, indication)
	case KindCreated, KindDeleted, KindModified:
		e.Source, _ = indication.Get("SourceInstance").Instance()
		e.Previous, _ = indication.Get("PreviousInstance").Instance()
		e.Element = sourcePath(indication, e.Source, e.Previous)
		e.Severity = max(e.Severity, SeverityInformation)
	case KindHeartbeat:
		e.Severity = max(e.Severity, SeverityInformation)
	}
	return e
}

// timeOf returns the first point in time that the sender states. An interval, which some
// providers write there, says nothing.
func timeOf(indication *cim.Instance, received time.Time) time.Time {
	for _, name := range []string{"IndicationTime", "EventTime"} {
		if d, ok := indication.Get(name).DateTime(); ok {
			if t, ok := d.Time(); ok {
				return t.UTC()
			}
		}
	}
	return received
}

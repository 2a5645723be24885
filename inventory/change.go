package inventory

import (
	"fmt"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// Change is one entry of a component's history. Replayed in order, the changes of a
// component give its properties, conditions and health, but for readings.
//
// That order is the one in which they were taken in: that of the Deltas, and within a Delta
// that of its Changes. It is kept for the components of a host together. Time need not
// follow it, since it is the sender's and is told late by retries; sort by it to show what
// happened when, and by the order of taking in where times are equal.
type Change struct {
	Host      string     `json:"host"`
	ID        string     `json:"id"` // of the component
	Component Kind       `json:"component"`
	Name      string     `json:"name"`  // of the component
	Time      time.Time  `json:"time"`  // the event's by the sender's clock, or the sync's by ours
	Known     time.Time  `json:"known"` // when this machine got to know; when the reading began, for a sync
	Kind      ChangeKind `json:"kind"`

	// Property names what changed: a property, or for conditions the key.
	Property string `json:"property,omitempty"`

	// Old and New are the property's values; health in words; serial numbers of a
	// replacement; paths of a move; texts of a condition; names of members; of a Condensed, since
	// when the health is what it is, in RFC 3339, and the number of changes.
	Old cim.Value `json:"old"`
	New cim.Value `json:"new"`

	Instance *cim.Instance `json:"instance,omitempty"` // what appeared, moved or replaced another; the whole at a Condensed

	// Relations are those of what appeared, moved or replaced another or was condensed, and the one
	// that was lost or gained by a set.
	Relations []Relation `json:"relations,omitempty"`

	Severity event.Severity `json:"severity"` // conditions only
	Health   Health         `json:"health"`   // of the component, afterwards
	Cause    Cause          `json:"cause"`
}

// ChangeKind is the sort of a change.
type ChangeKind uint8

// The kinds of changes.
const (
	Appeared    ChangeKind = iota + 1
	Disappeared            // the component is no longer there
	Replaced               // another part, by serial number, is in its place
	Moved                  // the same part, by serial number, under another path
	PropertyChanged
	HealthChanged
	ConditionRaised // also when an open condition changes its text or severity
	ConditionCleared
	MemberLost   // a set or a volume no longer has a part; New and Old are names
	MemberGained // a set or a volume that was there has one more part
	Condensed    // stands for changes that are kept no longer; New is their number
)

var changeNames = [...]string{
	"unknown", "appeared", "disappeared", "replaced", "moved", "property", "health",
	"raised", "cleared", "member lost", "member gained", "condensed",
}

// String returns the kind in lower case, such as "appeared".
func (k ChangeKind) String() string {
	if int(k) >= len(changeNames) {
		return changeNames[0]
	}
	return changeNames[k]
}

// MarshalText writes what String returns.
func (k ChangeKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// ChangeKinds returns all kinds of changes.
func ChangeKinds() []ChangeKind {
	all := make([]ChangeKind, len(changeNames)-1)
	for n := range all {
		all[n] = ChangeKind(n + 1)
	}
	return all
}

// Reasons of a Cause.
const (
	FirstSync  = "first sync"
	Resync     = "re-sync"
	Indication = "indication"
	TimeLimit  = "time limit"          // a condition was not raised again for too long
	TooMany    = "too many conditions" // a condition gave way to another one
)

// Cause is what brought a change about.
type Cause struct {
	Reason string `json:"reason"`          // one of the constants above
	Class  string `json:"class,omitempty"` // of the indication
	Entry  uint64 `json:"entry,omitempty"` // the indication's number in the journal
}

func causeOf(e *event.Event) Cause {
	return Cause{Reason: Indication, Class: e.Class, Entry: e.Entry}
}

// String returns the cause for people, such as "CIM_InstDeletion #17" or "re-sync".
func (c Cause) String() string {
	switch {
	case c.Class == "":
		return c.Reason
	case c.Entry == 0:
		return c.Class
	default:
		return fmt.Sprintf("%s #%d", c.Class, c.Entry)
	}
}

package event

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Kind is the sort of an event. The zero Kind is KindOther.
type Kind uint8

// The kinds of events.
const (
	KindOther     Kind = iota // anything else, also changes of classes
	KindAlert                 // CIM_AlertIndication and what looks like it
	KindCreated               // CIM_InstCreation
	KindDeleted               // CIM_InstDeletion
	KindModified              // CIM_InstModification
	KindHeartbeat             // a sign of life, such as VMware_CIMHeartbeat
)

var kindNames = [...]string{"other", "alert", "created", "deleted", "modified", "heartbeat"}

// String returns the kind in lower case, such as "created".
func (k Kind) String() string { return nameOf(kindNames[:], int(k)) }

// MarshalText writes what String returns.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Action is what an alert does to its condition. The zero Action is ActionNote.
type Action uint8

// The actions.
const (
	ActionNote  Action = iota // says something, begins and ends nothing
	ActionRaise               // the condition holds from now on
	ActionClear               // the condition holds no longer
)

var actionNames = [...]string{"note", "raise", "clear"}

// String returns the action in lower case, such as "raise".
func (a Action) String() string { return nameOf(actionNames[:], int(a)) }

// MarshalText writes what String returns.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Severity is how bad an alert is. The numbers are those of
// CIM_AlertIndication.PerceivedSeverity, so severities compare with < and >; 1 (Other) is
// read as unknown.
type Severity uint8

// The severities.
const (
	SeverityUnknown     Severity = 0
	SeverityInformation Severity = 2
	SeverityWarning     Severity = 3
	SeverityMinor       Severity = 4
	SeverityMajor       Severity = 5
	SeverityCritical    Severity = 6
	SeverityFatal       Severity = 7
)

var severityNames = [...]string{
	"unknown", "unknown", "information", "warning", "minor", "major", "critical", "fatal",
}

// String returns the severity in lower case, such as "warning".
func (s Severity) String() string { return nameOf(severityNames[:], int(s)) }

// MarshalText writes what String returns.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func nameOf(names []string, i int) string {
	if i >= len(names) {
		return "unknown"
	}
	return names[i]
}

// kindOf goes by the class name, since an indication carries no class hierarchy: providers
// name theirs after the CIM class they derive from (observed: VMware_ConcreteJobCreation,
// OMC_FanIpmiAlertIndication). What the name leaves open, the properties tell.
func kindOf(indication *cim.Instance) Kind {
	name := cim.FoldName(indication.Class)
	_, lifecycle := indication.Get("SourceInstance").Instance()
	lifecycle = lifecycle || strings.HasPrefix(name, "cim_inst") ||
		indication.Text("SourceInstanceModelPath") != ""
	_, previous := indication.Get("PreviousInstance").Instance()
	switch {
	case strings.Contains(name, "heartbeat"):
		return KindHeartbeat
	case lifecycle && strings.HasSuffix(name, "creation"):
		return KindCreated
	case lifecycle && strings.HasSuffix(name, "deletion"):
		return KindDeleted
	case lifecycle && strings.HasSuffix(name, "modification"), previous:
		return KindModified
	case strings.Contains(name, "alert"), looksLikeAlert(indication):
		return KindAlert
	default:
		return KindOther
	}
}

func looksLikeAlert(indication *cim.Instance) bool {
	for _, name := range []string{"AlertType", "PerceivedSeverity", "AlertingManagedElement"} {
		if indication.Property(name) != nil {
			return true
		}
	}
	return false
}

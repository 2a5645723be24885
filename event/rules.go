package event

import (
	"regexp"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// opposites pairs what a sensor says when all is well with what it means when that ends,
// in the words of the IPMI sensor event types. Longer phrases stand before the phrases
// they contain.
var opposites = []struct{ good, bad string }{
	{"fully redundant", "redundancy lost"},
	{"full redundancy", "redundancy lost"},
	{"redundancy regained", "redundancy lost"},
	{"redundancy restored", "redundancy lost"},
	{"presence detected", "absent"},
	{"device inserted", "device removed"},
	{"device present", "device absent"},
}

// opposite returns text with a good state replaced by its bad opposite.
func opposite(text string) (bad string, ok bool) {
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		return "", false // folding moved the bytes; such a text is none of the known ones
	}
	for _, o := range opposites {
		if at := strings.Index(lower, o.good); at >= 0 {
			return text[:at] + o.bad + text[at+len(o.good):], true
		}
	}
	return "", false
}

// severities tells by wording how bad an asserted state is; the first phrase found counts,
// so what narrows a phrase stands before it.
var severities = []struct {
	phrase   string
	severity Severity
}{
	{"predictive failure", SeverityWarning},
	{"predicted failure", SeverityWarning},
	{"non-recoverable", SeverityFatal},
	{"unrecoverable", SeverityFatal},
	{"non-critical", SeverityWarning},
	{"redundancy lost", SeverityMajor},
	{"redundancy degraded", SeverityWarning},
	{"redundancy reduced", SeverityWarning},
	{"uncorrectable", SeverityCritical},
	{"correctable", SeverityWarning},
	{"critical", SeverityCritical},
	{"thermal trip", SeverityCritical},
	{"failure", SeverityCritical},
	{"failed", SeverityCritical},
	{"fault", SeverityCritical},
	{"lost", SeverityMajor},
	{"offline", SeverityMajor},
	{"degraded", SeverityWarning},
	{"intrusion", SeverityWarning},
	{"absent", SeverityWarning},
	{"removed", SeverityWarning},
	{"enabled", SeverityInformation},
	{"power on", SeverityInformation},
}

func severityByWording(text string) Severity {
	text = strings.ToLower(text)
	for _, s := range severities {
		if strings.Contains(text, s.phrase) {
			return s.severity
		}
	}
	return SeverityUnknown
}

// The one value of CIM_AlertIndication.AlertType that reports no trouble.
const alertTypeModelChange = 7

// severityByType is the last resort for something that was raised: an alert about a change
// of the model informs, any other warns.
func severityByType(indication *cim.Instance) Severity {
	if n, _ := indication.Get("AlertType").Uint64(); n == alertTypeModelChange {
		return SeverityInformation
	}
	return SeverityWarning
}

// rule says what a wording means.
type rule struct {
	phrase   string
	action   Action
	severity Severity
}

// wordings tells by wording what an alert in plain words does; the first phrase found
// counts. Routine work of controllers comes first: its "complete" says nothing of a volume.
var wordings = []rule{
	{"patrol read", ActionNote, SeverityInformation},
	{"consistency check", ActionNote, SeverityInformation},
	{"relearn", ActionNote, SeverityInformation},
	{"rebuild progress", ActionRaise, SeverityWarning},
	{"rebuild fail", ActionRaise, SeverityCritical},
	{"rebuild complete", ActionClear, SeverityInformation},
	{"rebuild finished", ActionClear, SeverityInformation},
	{"rebuild done", ActionClear, SeverityInformation},
	{"predictive failure cleared", ActionClear, SeverityInformation},
	{"predictive failure", ActionRaise, SeverityWarning},
	{"not optimal", ActionRaise, SeverityWarning},
	{"non-optimal", ActionRaise, SeverityWarning},
	{"suboptimal", ActionRaise, SeverityWarning},
	{"optimal", ActionClear, SeverityInformation},
	{"restored", ActionClear, SeverityInformation},
	{"recovered", ActionClear, SeverityInformation},
	{"regained", ActionClear, SeverityInformation},
	{"returned to normal", ActionClear, SeverityInformation},
	{"failed", ActionRaise, SeverityCritical},
	{"failure", ActionRaise, SeverityCritical},
	{"offline", ActionRaise, SeverityCritical},
	{"degraded", ActionRaise, SeverityWarning},
	{"lost", ActionRaise, SeverityMajor},
	{"removed", ActionRaise, SeverityWarning},
	{"rebuild", ActionRaise, SeverityWarning},
	{"inserted", ActionClear, SeverityInformation},
	{"online", ActionClear, SeverityInformation},
	{"completed", ActionClear, SeverityInformation},
}

func wordingRule(text string) *rule {
	for i := range wordings {
		if strings.Contains(text, wordings[i].phrase) {
			return &wordings[i]
		}
	}
	return nil
}

// topics are conditions of a device that its ordinary state does not end; all else that
// wordings tell is one condition, "state", that degrading, rebuilding and recovery share.
var topics = []string{"predictive failure", "battery", "temperature"}

func topic(text string) string {
	for _, t := range topics {
		if strings.Contains(text, t) {
			return t
		}
	}
	return "state"
}

// numbered finds which of a controller's devices a text is about, such as "VD 0" or
// "PD = Port 0 - 3:1:2". The controller's own number, first in all texts, is no subject.
var numbered = regexp.MustCompile(
	`\b(vd|pd|volume|virtual disk|physical disk|disk|drive|slot|enclosure)\s*[#=:]?\s*((?:port\s*)?[0-9][0-9:]*(?:\s*-\s*[0-9:]+)?)`)

func subject(text string) string {
	m := numbered.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return strings.Join(strings.Fields(m[1]+" "+m[2]), " ")
}

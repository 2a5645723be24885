package event

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// given returns the severity that an indication states, SeverityUnknown for 0 (Unknown),
// 1 (Other) and what the schema does not know.
func given(indication *cim.Instance) Severity {
	n, _ := indication.Get("PerceivedSeverity").Uint64()
	if n < uint64(SeverityInformation) || n > uint64(SeverityFatal) {
		return SeverityUnknown
	}
	return Severity(n)
}

// judge fills Action, Condition and, where the sender stated none, Severity of an alert.
// A sensor's Assert or Deassert is clearest; wording comes next; a stated severity by
// itself raises what only a re-read of the element can clear.
func judge(e *Event, indication *cim.Instance) {
	stated := e.Severity
	if !judgeAssertion(e) && !judgeWording(e) {
		e.Condition = Condition{Key: messageKey(e, indication), Text: e.Description}
		if stated >= SeverityWarning {
			e.Action = ActionRaise
		}
	}
	switch {
	case stated != SeverityUnknown:
		e.Severity = stated
	case e.Severity == SeverityUnknown && e.Action == ActionRaise:
		e.Severity = severityByType(indication)
	case e.Severity == SeverityUnknown && e.Action == ActionClear:
		e.Severity = SeverityInformation
	}
	if e.Condition.Text == "" {
		e.Condition.Text = e.Class
	}
}

// judgeAssertion reads "Assert + text" and "Deassert + text" of IPMI event logs (observed:
// OMC_IpmiAlertIndication). A text that names a good state counts as its bad opposite the
// other way round.
func judgeAssertion(e *Event) bool {
	text, asserted, ok := cutAssertion(e.Description)
	if !ok {
		return false
	}
	if bad, ok := opposite(text); ok {
		text, asserted = bad, !asserted
	}
	e.Condition = Condition{Key: cim.FoldName(text), Text: text}
	e.Action = ActionClear
	if asserted {
		e.Action = ActionRaise
		e.Severity = severityByWording(text)
	}
	return true
}

func cutAssertion(description string) (text string, asserted, ok bool) {
	verb, text, ok := strings.Cut(description, "+")
	if !ok {
		return "", false, false
	}
	text = strings.Join(strings.Fields(text), " ")
	switch strings.ToLower(strings.TrimSpace(verb)) {
	case "assert", "asserted":
		return text, true, text != ""
	case "deassert", "deasserted":
		return text, false, text != ""
	default:
		return "", false, false
	}
}

// judgeWording reads alerts that say in plain words how an element is, such as those of
// RAID controllers (VMware_HHRCAlertIndication, LSIESG_AlertIndication).
func judgeWording(e *Event) bool {
	text := strings.ToLower(strings.Join(strings.Fields(e.Description), " "))
	if _, current, ok := strings.Cut(text, "current ="); ok {
		// "State change: PD = 3 Previous = Failed Current = Rebuild": the past is past.
		subject, _, _ := strings.Cut(text, "previous =")
		text = subject + current
	}
	rule := wordingRule(text)
	if rule == nil {
		return false
	}
	e.Action = rule.action
	e.Severity = rule.severity
	e.Condition = Condition{
		Key:  strings.Join([]string{cim.FoldName(e.Class), topic(text), subject(text)}, "/"),
		Text: strings.Join(strings.Fields(e.Description), " "),
	}
	return true
}

// messageKey identifies the message where the sender keeps a registry of them
// (CIM_AlertIndication.OwningEntity and MessageID), else the class of alerts.
func messageKey(e *Event, indication *cim.Instance) string {
	if e.MessageID == "" {
		return cim.FoldName(e.Class)
	}
	return cim.FoldName(indication.Text("OwningEntity") + ":" + e.MessageID)
}

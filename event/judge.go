package event

import (
	"regexp"
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
	if !judgeAssertion(e) && !judgeWording(e, stated) {
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
	e.Condition = e.Condition.bounded()
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

// judgeAssertion reads "Assert + text" and "Deassert + text" of IPMI event logs (observed:
// OMC_IpmiAlertIndication). A text that names a good state counts as its bad opposite the
// other way round. What is only worth knowing, such as a pressed button, begins nothing
// that could end; what the rules do not know is taken for trouble.
func judgeAssertion(e *Event) bool {
	text, asserted, ok := cutAssertion(e.Description)
	if !ok {
		return false
	}
	r := read(text)
	switch {
	case r.sense.isGood():
		judgeGood(e, text, &r, asserted)
	case r.sense == info:
		e.Severity = SeverityInformation
		e.Condition = Condition{Key: keyOf(text, true), Text: text}
	case asserted:
		e.Action, e.Severity = ActionRaise, r.severityOf()
		e.Condition = raised(text, r.rule != nil)
	default:
		e.Action = ActionClear
		e.Condition = Condition{Key: keyOf(text, r.rule != nil), Text: text}
	}
	return true
}

// judgeGood takes the beginning or the end of a good state. The end of one without an
// opposite says nothing: the event of what began instead does.
func judgeGood(e *Event, text string, r *reading, asserted bool) {
	trouble := r.trouble(text)
	switch {
	case asserted:
		e.Action = ActionClear
		e.Condition = Condition{Key: keyOf(trouble, true), Text: trouble, Family: r.family()}
	case r.opposite != "":
		opposite := read(trouble)
		e.Action, e.Severity = ActionRaise, opposite.severityOf()
		e.Condition = raised(trouble, true)
	default:
		e.Severity = SeverityInformation
		e.Condition = Condition{Key: keyOf(text, true), Text: text}
	}
}

func raised(text string, known bool) Condition {
	c := Condition{Key: keyOf(text, known), Text: text}
	c.Family = FamilyOf(c.Key)
	return c
}

func (r *reading) severityOf() Severity {
	if r.rule == nil {
		return SeverityUnknown
	}
	return r.rule.severity
}

// trouble returns text with a good state replaced by its opposite, and without the words
// that say that something is over.
func (r *reading) trouble(text string) string {
	if r.rule.opposite == "" && r.rule.sense != over {
		return text
	}
	before, after := text[:r.words[r.from].from], text[r.words[r.to-1].to:]
	return strings.Join(strings.Fields(before+r.rule.opposite+after), " ")
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
// RAID controllers (VMware_HHRCAlertIndication, LSIESG_AlertIndication). What their sender
// calls a warning or worse is one, also where the words sound like routine.
func judgeWording(e *Event, stated Severity) bool {
	text := strings.Join(strings.Fields(e.Description), " ")
	r := read(text)
	switch {
	case r.rule == nil:
		return false
	case r.sense == bad:
		e.Action, e.Severity = ActionRaise, r.severityOf()
	case r.sense.isGood():
		e.Action, e.Severity = ActionClear, SeverityInformation
	case stated >= SeverityWarning:
		e.Action = ActionRaise
	default:
		e.Severity = SeverityInformation
	}
	lower := strings.ToLower(text)
	e.Condition = Condition{
		Key:  strings.Join([]string{cim.FoldName(e.Class), topic(lower), subject(lower)}, "/"),
		Text: text,
	}
	return true
}

// topics are conditions of a device that its ordinary state does not end; all else that
// wordings tell is one condition, "state", that degrading, rebuilding and recovery share.
var topics = []string{
	"predictive failure", "consistency check", "medium error", "foreign configuration", "battery temperature",
	"battery voltage", "capacity", "battery", "bbu", "temperature",
}

func topic(text string) string {
	for _, t := range topics {
		if strings.Contains(text, t) {
			return t
		}
	}
	return "state"
}

// device finds which of a controller's devices a text is about, such as "VD 0" or
// "PD = Port 0 - 3:1:2", and part what of an enclosure. The controller's own number, first
// in all texts, is no subject.
var (
	device = regexp.MustCompile(
		`\b(vd|pd|ld|volume|(?:virtual|physical|logical) (?:disk|drive)|array|disk|drive|bay|slot|enclosure)\s*[#=:]?\s*((?:port\s*)?[0-9][0-9:/]*(?:\s*-\s*[0-9:]+)?)`)
	part = regexp.MustCompile(`\b(fan|power supply|psu|sensor|sim|phy)\s*[#=:]?\s*([0-9]+)`)
)

func subject(text string) string {
	var words []string
	for _, pattern := range []*regexp.Regexp{device, part} {
		if m := pattern.FindStringSubmatch(text); m != nil {
			words = append(words, m[1], m[2])
		}
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// messageKey identifies the message where the sender keeps a registry of them
// (CIM_AlertIndication.OwningEntity and MessageID), else the class of alerts.
func messageKey(e *Event, indication *cim.Instance) string {
	if e.MessageID == "" {
		return cim.FoldName(e.Class)
	}
	return cim.FoldName(indication.Text("OwningEntity") + ":" + e.MessageID)
}

package event

// sense is what a phrase says of the element that a text is about.
type sense uint8

const (
	silent sense = iota // nothing: the phrase is there for the words in it
	good                // all is well
	info                // worth knowing, neither good nor bad
	bad                 // trouble
	final               // all is well, whatever trouble the text names before
	over                // what the rest of the text names is over
)

func (s sense) isGood() bool { return s == good || s == final || s == over }

// outweighs reports whether a phrase counts more than one that stands before it.
func (s sense) outweighs(before sense) bool {
	switch s {
	case final, over:
		return true
	case bad:
		return before != bad
	case info:
		return before == good
	default:
		return false
	}
}

// negated is what "not" makes of a sense.
func (s sense) negated() sense {
	switch {
	case s == bad:
		return good
	case s.isGood():
		return bad
	default:
		return s
	}
}

// rule says what a phrase means. Words are looked for whole and in lower case; "a|b" stands
// for either.
type rule struct {
	phrase   string
	sense    sense
	severity Severity // of trouble
	family   string   // conditions of one element that its good state ends together
	opposite string   // of a good state: the trouble that begins when it ends
}

// rules are all that is known of wording: the events of IPMI sensors (generic ones first,
// then those of sensor types) and the messages of RAID controllers (MegaRAID and alike).
// Their order does not matter; of phrases within each other the longest counts.
var rules = []rule{
	// Redundancy.
	{"fully redundant", final, 0, "redundancy", "redundancy lost"},
	{"full redundancy", final, 0, "redundancy", "redundancy lost"},
	{"redundancy regained|restored|full", final, 0, "redundancy", "redundancy lost"},
	{"redundancy ok|normal", final, 0, "redundancy", "redundancy lost"},
	{"redundancy lost", bad, SeverityMajor, "redundancy", ""},
	{"lost redundancy", bad, SeverityMajor, "redundancy", ""},
	{"redundancy degraded|reduced", bad, SeverityWarning, "redundancy", ""},
	{"not redundant", bad, SeverityWarning, "redundancy", ""},
	{"non redundant", bad, SeverityWarning, "redundancy", ""},
	{"non redundant sufficient resources", bad, SeverityWarning, "redundancy", ""},
	{"non redundant insufficient resources", bad, SeverityMajor, "redundancy", ""},
	{"redundant path", silent, 0, "", ""},

	// Thresholds and severities.
	{"transition to ok", final, 0, "level", ""},
	{"returned|back to normal", final, 0, "level", ""},
	{"within range|limits", final, 0, "level", ""},
	{"non critical", bad, SeverityWarning, "level", ""},
	{"noncritical", bad, SeverityWarning, "level", ""},
	{"critical", bad, SeverityCritical, "level", ""},
	{"non recoverable", bad, SeverityFatal, "level", ""},
	{"nonrecoverable", bad, SeverityFatal, "level", ""},
	{"limit exceeded", bad, SeverityWarning, "limit", ""},
	{"limit not exceeded", final, 0, "limit", "limit exceeded"},
	{"performance lags", bad, SeverityWarning, "performance", ""},
	{"performance met", final, 0, "performance", "performance lags"},
	{"threshold exceeded", bad, SeverityWarning, "level", ""},
	{"critical threshold exceeded", bad, SeverityCritical, "level", ""},
	{"above|below warning threshold", bad, SeverityWarning, "level", ""},
	{"above|below error|critical threshold", bad, SeverityCritical, "level", ""},
	{"below threshold", bad, SeverityWarning, "level", ""},
	{"above threshold", good, 0, "level", ""},
	{"out of range", bad, SeverityWarning, "", ""},
	{"is|too|voltage|temperature|temp high", bad, SeverityWarning, "", ""},
	{"is|too|voltage|temperature|temp|battery|capacity low", bad, SeverityWarning, "", ""},
	{"normal", good, 0, "level", ""},
	{"ok", good, 0, "level", ""},
	{"is|too hot", bad, SeverityWarning, "", ""},
	{"speed|pressure|airflow low", bad, SeverityWarning, "", ""},
	{"over|high temperature", bad, SeverityWarning, "", ""},
	{"critical overtemperature", bad, SeverityCritical, "", ""},
	{"overtemperature|overheated|overheating", bad, SeverityCritical, "", ""},
	{"monitor", info, 0, "", ""},
	{"informational", info, 0, "", ""},

	// Presence and use.
	{"presence", final, 0, "presence", "absent"},
	{"presence detected", final, 0, "presence", "absent"},
	{"drive|battery|entity|processor present", final, 0, "presence", "absent"},
	{"present|installed", good, 0, "presence", "absent"},
	{"device present", final, 0, "presence", "device absent"},
	{"device inserted", final, 0, "presence", "device removed"},
	{"device inserted device present", final, 0, "presence", "device removed"},
	{"absent", bad, SeverityWarning, "presence", ""},
	{"device absent|removed", bad, SeverityWarning, "presence", ""},
	{"not present|installed|inserted", bad, SeverityWarning, "presence", ""},
	{"disconnected", bad, SeverityWarning, "presence", ""},
	{"missing", bad, SeverityWarning, "presence", ""},
	{"unplugged", bad, SeverityWarning, "presence", ""},
	{"removed", bad, SeverityWarning, "presence", ""},
	{"inserted", good, 0, "presence", ""},
	{"terminator presence detected", info, 0, "", ""},
	{"device enabled", final, 0, "use", "device disabled"},
	{"device disabled", bad, SeverityWarning, "use", ""},
	{"device removal request", info, 0, "", ""},
	{"device installed", info, 0, "", ""},
	{"ready for device installation|removal", info, 0, "", ""},
	{"slot power is off", info, 0, "", ""},
	{"slot holds spare device", info, 0, "", ""},
	{"identify status asserted", info, 0, "", ""},
	{"fru not installed", info, 0, "", ""},
	{"not enabled|available", bad, SeverityWarning, "", ""},

	// States of anything.
	{"state asserted", bad, SeverityWarning, "state", ""},
	{"state deasserted", final, 0, "state", "state asserted"},
	{"predictive failure asserted", bad, SeverityWarning, "predictive failure", ""},
	{"predictive failure deasserted", final, 0, "predictive failure", "predictive failure asserted"},
	{"deassert|deasserted", over, 0, "", ""},
	{"transition to running", final, 0, "availability", ""},
	{"transition to on line", final, 0, "availability", ""},
	{"transition to online", final, 0, "availability", ""},
	{"transition to off line|duty", bad, SeverityMajor, "availability", ""},
	{"transition to degraded", bad, SeverityWarning, "availability", ""},
	{"install error", bad, SeverityWarning, "availability", ""},
	{"transition to power off|save", info, 0, "", ""},
	{"transition to in test", info, 0, "", ""},
	{"transition to idle|active|busy", info, 0, "", ""},
	{"d0|d1|d2|d3 power state", info, 0, "", ""},
	{"cleared|resolved", over, 0, "", ""},
	{"restored|regained", over, 0, "", ""},
	{"recovered", over, 0, "", ""},
	{"cannot|could not recover", bad, SeverityCritical, "", ""},
	{"unable to", bad, SeverityWarning, "", ""},
	{"unable to recover", bad, SeverityCritical, "", ""},
	{"healthy", good, 0, "", ""},
	{"operational", good, 0, "", ""},
	{"enabled", info, 0, "", ""},
	{"fail|fails|failed|failing|failure|failures", bad, SeverityCritical, "", ""},
	{"fault|faults|faulty|faulted", bad, SeverityCritical, "", ""},
	{"fault tolerance|tolerant", silent, 0, "", ""},
	{"malfunction|malfunctioning", bad, SeverityCritical, "", ""},
	{"error|errors", bad, SeverityWarning, "", ""},
	{"0 error|errors|failures", silent, 0, "", ""},
	{"fatal", bad, SeverityFatal, "", ""},
	{"dead", bad, SeverityCritical, "", ""},
	{"broken", bad, SeverityCritical, "", ""},
	{"lost", bad, SeverityMajor, "", ""},
	{"offline", bad, SeverityCritical, "", ""},
	{"off line", bad, SeverityMajor, "", ""},
	{"degraded", bad, SeverityWarning, "", ""},
	{"partially degraded", bad, SeverityWarning, "", ""},
	{"unavailable", bad, SeverityMajor, "", ""},
	{"access degraded or unavailable", bad, SeverityWarning, "", ""},
	{"not responding", bad, SeverityMajor, "", ""},
	{"timeout", bad, SeverityWarning, "", ""},
	{"timed out", bad, SeverityWarning, "", ""},
	{"aborted", bad, SeverityWarning, "", ""},
	{"corrupt|corrupted", bad, SeverityCritical, "", ""},
	{"mismatch|incompatible|incompatibility", bad, SeverityWarning, "", ""},
	{"unstable", bad, SeverityWarning, "", ""},
	{"predictive|predicted failure", bad, SeverityWarning, "", ""},

	// Chassis and platform security.
	{"intrusion", bad, SeverityWarning, FamilySecurity, ""},
	{"lan leash lost", bad, SeverityWarning, FamilySecurity, ""},
	{"unauthorized dock", bad, SeverityWarning, FamilySecurity, ""},
	{"violation", bad, SeverityWarning, FamilySecurity, ""},
	{"invalid username or password", bad, SeverityWarning, "", ""},
	{"invalid password disable", bad, SeverityWarning, "", ""},
	{"session activated|deactivated", info, 0, "", ""},

	// Processor and memory.
	{"ierr", bad, SeverityCritical, "", ""},
	{"thermal trip", bad, SeverityCritical, "", ""},
	{"machine check exception", bad, SeverityCritical, "", ""},
	{"machine check", bad, SeverityWarning, "", ""},
	{"correctable machine check error logging disabled", bad, SeverityWarning, "", ""},
	{"configuration error", bad, SeverityCritical, "", ""},
	{"automatically throttled", bad, SeverityWarning, "", ""},
	{"processor disabled", bad, SeverityWarning, "", ""},
	{"memory device disabled", bad, SeverityWarning, "", ""},
	{"uncorrectable|uncorrected|unrecoverable|unrecovered", bad, SeverityCritical, "", ""},
	{"unrecoverable", bad, SeverityFatal, "", ""},
	{"correctable|correctible", bad, SeverityWarning, "", ""},
	{"correctable memory error logging disabled", bad, SeverityWarning, "", ""},
	{"single bit ecc error", bad, SeverityWarning, "", ""},
	{"multi bit ecc error", bad, SeverityCritical, "", ""},
	{"parity", bad, SeverityCritical, "", ""},
	{"memory spare", info, 0, "", ""},

	// Power, cooling, battery.
	{"power off|down|on|up|cycle", info, 0, "", ""},
	{"power off power down", info, 0, "", ""},
	{"240va|interlock power down", bad, SeverityCritical, "", ""},
	{"soft power control failure", bad, SeverityCritical, "", ""},
	{"power supply inactive", info, 0, "", ""},
	{"out of range but present", bad, SeverityWarning, "", ""},
	{"battery low predictive failure", bad, SeverityWarning, "", ""},
	{"battery discharging", info, 0, "", ""},
	{"battery is discharging", info, 0, "", ""},
	{"battery started charging", info, 0, "", ""},
	{"battery charge complete", info, 0, "", ""},
	{"needs replacement", bad, SeverityMajor, "", ""},
	{"need|needs to be replaced", bad, SeverityMajor, "", ""},
	{"battery has been replaced", good, 0, "", ""},
	{"new battery detected", good, 0, "", ""},
	{"bbu disabled", bad, SeverityWarning, "", ""},
	{"bbu enabled", good, 0, "", ""},
	{"cannot initiate relearn", bad, SeverityWarning, "", ""},
	{"relearn", info, 0, "", ""},
	{"relearn timed out", bad, SeverityWarning, "", ""},

	// Firmware, boot, operating system, buttons, watchdogs.
	{"critical interrupt", silent, 0, "", ""}, // the name of a sensor type
	{"event logging disabled", info, 0, "", ""},
	{"all event logging disabled", bad, SeverityWarning, "", ""},
	{"event type logging disabled", bad, SeverityWarning, "", ""},
	{"log area reset|cleared", info, 0, "", ""},
	{"log area reset cleared", info, 0, "", ""},
	{"sel full", bad, SeverityWarning, "", ""},
	{"sel almost full", bad, SeverityWarning, "", ""},
	{"log full", bad, SeverityWarning, "", ""},
	{"log almost full", bad, SeverityWarning, "", ""},
	{"log|sel cleared", info, 0, "", ""},
	{"system firmware progress", info, 0, "", ""},
	{"system firmware hang", bad, SeverityCritical, "", ""},
	{"button pressed", info, 0, "", ""},
	{"latch open", info, 0, "", ""},
	{"service request button", info, 0, "", ""},
	{"initiated by power|hard|warm", info, 0, "", ""},
	{"initiated by power up", info, 0, "", ""},
	{"initiated by hard|warm reset", info, 0, "", ""},
	{"user requested pxe boot", info, 0, "", ""},
	{"automatic boot to diagnostic", info, 0, "", ""},
	{"software initiated hard|warm reset", info, 0, "", ""},
	{"system restart", info, 0, "", ""},
	{"boot completed", info, 0, "", ""},
	{"boot event", info, 0, "", ""},
	{"no bootable media", bad, SeverityMajor, "", ""},
	{"non bootable", bad, SeverityWarning, "", ""},
	{"not found", bad, SeverityWarning, "", ""},
	{"invalid boot sector", bad, SeverityMajor, "", ""},
	{"installation started|completed", info, 0, "", ""},
	{"graceful stop|shutdown", info, 0, "", ""},
	{"soft shutdown", info, 0, "", ""},
	{"nmi", bad, SeverityCritical, "", ""},
	{"perr|serr", bad, SeverityCritical, "", ""},
	{"bus degraded", bad, SeverityWarning, "", ""},
	{"watchdog reset", bad, SeverityMajor, "", ""},
	{"watchdog expired", bad, SeverityMajor, "", ""},
	{"watchdog power down|cycle", bad, SeverityMajor, "", ""},
	{"watchdog shut down", bad, SeverityMajor, "", ""},
	{"timer expired", bad, SeverityWarning, "", ""},
	{"timer interrupt", info, 0, "", ""},
	{"system reconfigured", info, 0, "", ""},
	{"pef action", info, 0, "", ""},
	{"timestamp clock synch", info, 0, "", ""},
	{"auxiliary log", info, 0, "", ""},
	{"platform generated", info, 0, "", ""},
	{"firmware or software change detected", info, 0, "", ""},
	{"hardware change detected", info, 0, "", ""},
	{"working", info, 0, "", ""},
	{"sleeping", info, 0, "", ""},
	{"soft off", info, 0, "", ""},
	{"mechanical off", info, 0, "", ""},
	{"entered by override", info, 0, "", ""},
	{"legacy on|off state", info, 0, "", ""},
	{"suspend to disk", info, 0, "", ""},
	{"heartbeat", info, 0, "", ""},
	{"fru activation|deactivation|active|inactive", info, 0, "", ""},
	{"activation|deactivation requested", info, 0, "", ""},
	{"activation|deactivation in progress", info, 0, "", ""},
	{"is connected", good, 0, "", ""},

	// Disks and volumes.
	{"optimal", final, 0, "", ""},
	{"not|non|sub optimal", bad, SeverityWarning, "", ""},
	{"nonoptimal|suboptimal", bad, SeverityWarning, "", ""},
	{"online", good, 0, "", ""},
	{"hot spare", info, 0, "", ""},
	{"spare no longer", bad, SeverityWarning, "", ""},
	{"unconfigured|unconf good", good, 0, "", ""},
	{"unconfigured|unconf bad", bad, SeverityCritical, "", ""},
	{"sensor|phy bad", bad, SeverityWarning, "", ""},
	{"bad block", bad, SeverityWarning, "", ""},
	{"in critical|failed array", bad, SeverityCritical, "", ""},
	{"rebuild", bad, SeverityWarning, "", ""},
	{"rebuilding", bad, SeverityWarning, "", ""},
	{"rebuild complete|completed|finished|done", good, 0, "", ""},
	{"rebuild rate", info, 0, "", ""},
	{"auto rebuild", silent, 0, "", ""},
	{"parity check in progress", info, 0, "", ""},
	{"consistency check", info, 0, "", ""},
	{"consistency check done|complete|completed|finished", good, 0, "", ""},
	{"inconsistent", bad, SeverityMajor, "", ""},
	{"inconsistency logging disabled", bad, SeverityWarning, "", ""},
	{"patrol read", info, 0, "", ""},
	{"background|full|fast initialization", info, 0, "", ""},
	{"initialization", info, 0, "", ""},
	{"copyback", info, 0, "", ""},
	{"puncturing|punctured", bad, SeverityWarning, "", ""},
	{"corrected medium error|errors", info, 0, "", ""},
	{"unexpected sense", info, 0, "", ""},
	{"not supported", bad, SeverityWarning, "", ""},
	{"no longer useful", bad, SeverityWarning, "", ""},
	{"too small", bad, SeverityWarning, "", ""},
	{"cache discarded", bad, SeverityFatal, "", ""},
	{"cache data recovered", good, 0, "", ""},
	{"configuration cleared", info, 0, "", ""},
	{"factory defaults restored", info, 0, "", ""},
	{"foreign configuration cleared|imported", good, 0, "", ""},
	{"foreign configuration detected", bad, SeverityWarning, "", ""},
	{"alarm enabled|disabled", info, 0, "", ""},
	{"host driver is loaded", info, 0, "", ""},
	{"drive clear", info, 0, "", ""},
	{"shutdown command received", info, 0, "", ""},
	{"cluster down", bad, SeverityWarning, "", ""},
	{"write back disabled", bad, SeverityWarning, "", ""},
}

package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// Health is how a component is. Worse is greater.
type Health uint8

// The levels of health.
const (
	Unknown Health = iota // nothing speaks of it
	Absent                // not fitted, not used or disabled: nothing to see to
	OK
	Warning
	Critical
)

var healthNames = [...]string{"unknown", "absent", "ok", "warning", "critical"}

// String returns the level in lower case, such as "warning".
func (h Health) String() string {
	if int(h) >= len(healthNames) {
		return healthNames[0]
	}
	return healthNames[h]
}

// MarshalText writes what String returns.
func (h Health) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// ParseHealth returns the level that String names, Unknown for any other text.
func ParseHealth(name string) Health {
	return Health(max(0, slices.Index(healthNames[:], name)))
}

// level is a value of a health property, with its meaning in the DMTF schema.
type level struct {
	health Health
	name   string
}

// healthProperty is a property that speaks of health, and what its values mean.
type healthProperty struct {
	name   string
	levels map[uint64]level
}

const statusStopped = 10

// healthProperties follow check_esxi_hardware, for which a state that the provider does not
// know is no trouble. Values that are not listed, vendors' own among them, say nothing.
var healthProperties = []healthProperty{
	{"HealthState", map[uint64]level{
		0: {OK, "unknown"}, 5: {OK, "OK"},
		10: {Warning, "degraded"}, 15: {Warning, "minor failure"},
		20: {Critical, "major failure"}, 25: {Critical, "critical failure"},
		30: {Critical, "non-recoverable error"},
	}},
	{"OperationalStatus", map[uint64]level{
		0: {OK, "unknown"}, 1: {Critical, "other"}, 2: {OK, "OK"}, 3: {Warning, "degraded"}, 4: {Warning, "stressed"},
		5: {Warning, "predictive failure"}, 6: {Critical, "error"},
		7: {Critical, "non-recoverable error"}, 8: {Warning, "starting"}, 9: {Warning, "stopping"},
		statusStopped: {Critical, "stopped"}, 11: {OK, "in service"}, 12: {Warning, "no contact"},
		13: {Critical, "lost communication"}, 14: {Critical, "aborted"}, 15: {OK, "dormant"},
		16: {Critical, "supporting entity in error"}, 17: {OK, "completed"},
		18: {OK, "power mode"}, 19: {OK, "relocating"}, 20: {OK, "relocating"},
	}},
	{"ExtentStatus", map[uint64]level{
		3: {Critical, "broken"}, 4: {Critical, "data lost"}, 6: {Warning, "exposed"},
		7: {Warning, "fractionally exposed"}, 8: {Warning, "partially exposed"},
		9: {Warning, "protection disabled"}, 11: {Warning, "rebuild"},
		13: {Warning, "spare in use"},
	}},
}

// HealthOf returns the worst that the properties of an instance say of its health, and
// which of them says so: HealthState, every OperationalStatus, ExtentStatus. What is
// absent or disabled and not otherwise in trouble is Absent.
func HealthOf(i *cim.Instance) (h Health, reason string) {
	unused := isUnused(i)
	known := uint64(0) // the value that reason is about; a known one tells more than 0
	for _, p := range healthProperties {
		for _, v := range scalars(i.Get(p.name)) {
			n, ok := v.Uint64()
			if !ok {
				continue
			}
			l := p.levels[n]
			if unused && n == statusStopped && p.name == "OperationalStatus" {
				l.health = Absent
			}
			if l.health > h || l.health == OK && h == OK && known == 0 && n != 0 {
				h, known, reason = l.health, n, fmt.Sprintf("%s %d (%s)", p.name, n, l.name)
			}
		}
	}
	if unused && h <= OK {
		return Absent, "absent or disabled"
	}
	return h, reason
}

// saysWell reports whether an element says that it is well, and not just that it does not
// know of trouble, with nothing that it says against it.
func saysWell(i *cim.Instance) bool {
	if h, _ := HealthOf(i); h != OK || event.ActionOf(i.Text("CurrentState")) == event.ActionRaise {
		return false
	}
	for _, p := range healthProperties {
		for _, v := range scalars(i.Get(p.name)) {
			if n, ok := v.Uint64(); ok && n != 0 && p.levels[n].health == OK {
				return true
			}
		}
	}
	return false
}

const enabledStateDisabled = 3

// isUnused reports whether something is not there or not in use: disabled, a presence
// sensor that says "Device Absent", a port that nothing is plugged into (observed: unused
// ports with OperationalStatus 10).
func isUnused(i *cim.Instance) bool {
	if n, _ := i.Get("EnabledState").Uint64(); n == enabledStateDisabled {
		return true
	}
	if saysAbsent(i.Text("CurrentState")) || saysAbsent(stateInName(i)) {
		return true
	}
	if KindOf(i.Class) != KindPort {
		return false
	}
	for _, v := range scalars(i.Get("OperationalStatus")) {
		if n, _ := v.Uint64(); n == statusStopped {
			return true
		}
	}
	return false
}

func saysAbsent(state string) bool { return strings.Contains(strings.ToLower(state), "absent") }

// stateInName returns the state that providers put at the end of ElementName, "" when there is
// none (observed: VMware's sensors, "Add-in Card 4 PEM Presence 0: Device Absent").
func stateInName(i *cim.Instance) string {
	name := i.Text("ElementName")
	if n := strings.LastIndex(name, ": "); n >= 0 {
		return name[n:]
	}
	return ""
}

// scalars returns the elements of an array, or the one value of what should be an array.
func scalars(v cim.Value) []cim.Value {
	switch {
	case v.IsNull():
		return nil
	case v.IsArray():
		return v.Elements()
	default:
		return []cim.Value{v}
	}
}

// healthWith returns the worst of a component's own health and its open conditions.
func healthWith(own Health, reason string, open []Condition) (Health, string) {
	for _, c := range open {
		if h := healthBy(c.Severity); h > own {
			own, reason = h, c.Text
		}
	}
	return own, reason
}

func healthBy(s event.Severity) Health {
	switch {
	case s >= event.SeverityMajor:
		return Critical
	case s >= event.SeverityWarning:
		return Warning
	default:
		return Unknown
	}
}

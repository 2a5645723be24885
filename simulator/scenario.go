package simulator

import (
	"context"
	"fmt"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// esxiSteps returns the scenario of the built-in model: trouble of the kinds that hosts
// have, each followed by its end. The changes of sensors are told by alerts alone, as
// VMware's providers do; only what comes, goes or gets another version is told by
// lifecycle indications.
func esxiSteps() []Step {
	return []Step{
		{"case-opened", "The case is opened", caseOpened},
		{"case-closed", "The case is closed", caseClosed},
		{"psu-unplugged", "Power supply 2 is unplugged, redundancy is lost", psuUnplugged},
		{"psu-restored", "Power supply 2 is plugged in again, redundancy is regained", psuRestored},
		{"fan-slow", "Fan 3 slows down", fanSlow},
		{"fan-recovered", "Fan 3 is up to speed again", fanRecovered},
		{"disk-failed", "Disk 1 fails, the RAID 5 volume is degraded", diskFailed},
		{"disk-rebuilding", "Disk 1 is being rebuilt", diskRebuilding},
		{"disk-rebuilt", "Disk 1 is rebuilt, the volume is optimal", diskRebuilt},
		{"dimm-removed", "Memory module DIMM_B2 is taken out", dimmRemoved},
		{"dimm-inserted", "Another memory module is put into DIMM_B2", dimmInserted},
		{"property-changed", "The BIOS is updated", propertyChanged},
	}
}

// The values of OperationalStatus and HealthState that the steps set, always as a pair.
type health struct{ operational, state uint16 }

var (
	healthy  = health{2, 5}
	degraded = health{3, 10}
	failed   = health{6, 25}
)

// properties returns the health as properties, with others.
func (h health) properties(others ...cim.Property) []cim.Property {
	return append([]cim.Property{
		cim.Prop("OperationalStatus", cim.Uint16s(h.operational)),
		cim.Prop("HealthState", cim.Uint16(h.state)),
	}, others...)
}

// text returns a string property.
func text(name, value string) cim.Property { return cim.Prop(name, cim.String(value)) }

// find returns the instance of class with a string property of that value.
func find(s *Server, class, property, value string) (*cim.Instance, error) {
	list, err := s.Instances(defaultNamespace, class)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(list, func(i *cim.Instance) bool { return i.Text(property) == value })
	if n < 0 {
		return nil, cim.Errorf(cim.StatusFailed, "The model has no %s with %s %s", class, property, value)
	}
	return list[n], nil
}

// change sets properties of the device of that class and DeviceID, and returns it.
func change(s *Server, class, device string, properties ...cim.Property) (*cim.Instance, error) {
	i, err := find(s, class, "DeviceID", device)
	if err != nil {
		return nil, err
	}
	_, after, err := s.Update(i.Path, properties...)
	return after, err
}

// fire sends an alert with everything filled in.
func fire(ctx context.Context, s *Server, i *cim.Instance) error {
	s.fillAlert(i)
	if _, err := s.Fire(ctx, i); err != nil {
		return fmt.Errorf("firing %s: %w", i.Class, err)
	}
	return nil
}

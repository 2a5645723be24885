package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
)

// The devices of the built-in model that the steps of storage use.
const (
	secondDisk = "0_32_1"
	volume     = "0_0"
)

// The values of CIM_StorageExtent.ExtentStatus that the steps set.
const (
	extentFine    = 2
	extentBroken  = 3
	extentExposed = 6
	extentRebuild = 11
)

// The values of CIM_AlertIndication.PerceivedSeverity that the controller states.
const (
	information = 2
	warning     = 3
	critical    = 6
)

func diskFailed(ctx context.Context, s *Server) error {
	if err := disk(ctx, s, diskState{failed, extentBroken, "Online", "Failed", critical}); err != nil {
		return err
	}
	return raid(ctx, s, false)
}

func diskRebuilding(ctx context.Context, s *Server) error {
	return disk(ctx, s, diskState{degraded, extentRebuild, "Failed", "Rebuild", warning})
}

func diskRebuilt(ctx context.Context, s *Server) error {
	if err := disk(ctx, s, diskState{healthy, extentFine, "Rebuild", "Online", information}); err != nil {
		return err
	}
	return raid(ctx, s, true)
}

type diskState struct {
	health            health
	extent            uint16
	previous, current string
	severity          uint16
}

func disk(ctx context.Context, s *Server, to diskState) error {
	d, err := change(s, "VMware_StorageExtent", secondDisk, to.health.properties(cim.Prop("ExtentStatus", cim.Uint16s(to.extent)))...)
	if err != nil {
		return err
	}
	return controllerAlert(ctx, s, d, to.severity,
		"Controller ID: 0 State change: PD = "+d.Text("Slot")+" Previous = "+to.previous+" Current = "+to.current)
}

func raid(ctx context.Context, s *Server, optimal bool) error {
	h, extent, redundancy, word, severity := degraded, uint16(extentExposed), uint16(0), "DEGRADED", uint16(warning)
	if optimal {
		h, extent, redundancy, word, severity = healthy, extentFine, 1, "OPTIMAL", information
	}
	v, err := change(s, "VMware_StorageVolume", volume, h.properties(
		cim.Prop("ExtentStatus", cim.Uint16s(extent)),
		cim.Prop("NoSinglePointOfFailure", cim.Boolean(optimal)),
		cim.Prop("PackageRedundancy", cim.Uint16(redundancy)))...)
	if err != nil {
		return err
	}
	return controllerAlert(ctx, s, v, severity, "Controller ID: 0 VD is now "+word+" VD 0")
}

func controllerAlert(ctx context.Context, s *Server, element *cim.Instance, severity uint16, description string) error {
	i := alert("VMware_HHRCAlertIndication", description, element)
	i.Set("PerceivedSeverity", cim.Uint16(severity))
	return fire(ctx, s, i)
}

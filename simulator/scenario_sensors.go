package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
)

// The devices of the built-in model that the steps of sensors, power and cooling use.
const (
	intrusionSensor  = "115.0.32.0"
	redundancySensor = "117.0.7.1"
	secondSupply     = "10.2"
	thirdFan         = "29.3"
	thirdFanSpeed    = "50.0.29.3"
)

func caseOpened(ctx context.Context, s *Server) error {
	return intrusion(ctx, s, "Assert", degraded)
}

func caseClosed(ctx context.Context, s *Server) error {
	return intrusion(ctx, s, "Deassert", healthy)
}

func intrusion(ctx context.Context, s *Server, state string, h health) error {
	sensor, err := change(s, "OMC_DiscreteSensor", intrusionSensor, h.properties(text("CurrentState", state))...)
	if err != nil {
		return err
	}
	return fire(ctx, s, alert("OMC_IpmiAlertIndication", state+" + "+sensor.Text("ElementName"), sensor))
}

func psuUnplugged(ctx context.Context, s *Server) error {
	return supply(ctx, s, supplyState{"Assert", failed, degraded, "Redundancy Lost"})
}

func psuRestored(ctx context.Context, s *Server) error {
	return supply(ctx, s, supplyState{"Deassert", healthy, healthy, "Fully Redundant"})
}

type supplyState struct {
	lost               string // Assert or Deassert of the loss of power
	supply, redundancy health
	redundant          string
}

func supply(ctx context.Context, s *Server, to supplyState) error {
	psu, err := change(s, "OMC_PowerSupply", secondSupply, to.supply.properties()...)
	if err != nil {
		return err
	}
	sensor, err := change(s, "OMC_DiscreteSensor", redundancySensor, to.redundancy.properties(text("CurrentState", to.redundant))...)
	if err != nil {
		return err
	}
	const class = "OMC_PowerIpmiAlertIndication"
	if err := fire(ctx, s, alert(class, to.lost+" + "+psu.Text("ElementName")+" Status Power Supply AC lost", psu)); err != nil {
		return err
	}
	return fire(ctx, s, alert(class, "Assert + "+sensor.Text("ElementName")+" "+to.redundant, sensor))
}

func fanSlow(ctx context.Context, s *Server) error {
	return fan(ctx, s, "Assert", degraded, text("CurrentState", "Lower Critical"), cim.Prop("CurrentReading", cim.Sint32(540)))
}

func fanRecovered(ctx context.Context, s *Server) error {
	return fan(ctx, s, "Deassert", healthy, text("CurrentState", "Normal"), cim.Prop("CurrentReading", cim.Sint32(7200)))
}

func fan(ctx context.Context, s *Server, state string, h health, reading ...cim.Property) error {
	if _, err := change(s, "OMC_Fan", thirdFan, h.properties()...); err != nil {
		return err
	}
	sensor, err := change(s, "OMC_NumericSensor", thirdFanSpeed, h.properties(reading...)...)
	if err != nil {
		return err
	}
	return fire(ctx, s, alert("OMC_CoolingUnitIpmiAlertIndication",
		state+" + "+sensor.Text("ElementName")+" Lower Critical going low", sensor))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// A fleet is hosts with components, and what they send: in turn an alert that raises a
// condition of a component, a modification that makes it fail, an alert that clears the
// condition, and a modification that makes it work again.
type fleet struct {
	hosts, components int
	bursts            bool // all four of a component come one after the other, not the first of each
	began             time.Time
	bodies            [4]string
}

// Words in the templates that each indication has its own in place of.
const (
	placeDevice  = "device-0000"
	placeSystem  = "host-00000"
	placeNumber  = "1000000000"
	placeContext = "context-00000"
)

const fleetClass = "OMC_Fan"

func newFleet(bursts bool) (*fleet, error) {
	f := &fleet{hosts: 1000, components: 20, bursts: bursts, began: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	well, failed := device(placeSystem, placeDevice, 2), device(placeSystem, placeDevice, 6)
	for n, indication := range []*cim.Instance{
		deviceAlert("Assert + Fan Failure"), modification(well, failed), deviceAlert("Deassert + Fan Failure"), modification(failed, well),
	} {
		body, err := cimxml.EncodeExport("17", indication)
		if err != nil {
			return nil, err
		}
		f.bodies[n] = string(body)
	}
	return f, nil
}

// device is a fan with as many properties as servers give one.
func device(system, id string, status uint16) *cim.Instance {
	i := cim.NewInstance(
		fleetClass,
		cim.Prop("DeviceID", cim.String(id)), cim.Prop("CreationClassName", cim.String(fleetClass)),
		cim.Prop("SystemName", cim.String(system)), cim.Prop("SystemCreationClassName", cim.String("OMC_UnitaryComputerSystem")),
		cim.Prop("ElementName", cim.String("System Board 1 "+id)), cim.Prop("Caption", cim.String(id)), cim.Prop("Description", cim.String("Fan of the system board")),
		cim.Prop("OperationalStatus", cim.Uint16s(status)), cim.Prop("HealthState", cim.Uint16(5)), cim.Prop("EnabledState", cim.Uint16(2)),
		cim.Prop("RequestedState", cim.Uint16(12)), cim.Prop("EnabledDefault", cim.Uint16(2)), cim.Prop("VariableSpeed", cim.Boolean(true)),
		cim.Prop("ActiveCooling", cim.Boolean(true)), cim.Prop("DesiredSpeed", cim.Uint64(7200)), cim.Prop("Availability", cim.Uint16(3)),
		cim.Prop("StatusInfo", cim.Uint16(3)), cim.Prop("MaxQuiesceTime", cim.Uint64(0)), cim.Prop("PowerOnHours", cim.Uint64(12345)),
		cim.Prop("TotalPowerOnHours", cim.Uint64(23456)), cim.Prop("PowerManagementSupported", cim.Boolean(false)),
		cim.Prop("Status", cim.String("OK")), cim.Prop("Name", cim.String("Fan")), cim.Prop("ErrorCleared", cim.Boolean(true)), cim.Prop("LastErrorCode", cim.Uint32(0)),
	)
	i.Path = devicePath(system, id)
	return i
}

func devicePath(system, id string) cim.ObjectPath {
	return cim.InstancePath("root/cimv2", fleetClass,
		cim.Key{Name: "DeviceID", Value: cim.String(id)}, cim.Key{Name: "CreationClassName", Value: cim.String(fleetClass)},
		cim.Key{Name: "SystemName", Value: cim.String(system)}, cim.Key{Name: "SystemCreationClassName", Value: cim.String("OMC_UnitaryComputerSystem")})
}

// numbered gives an indication its place in a sequence.
func numbered(i *cim.Instance) *cim.Instance {
	number, _ := strconv.ParseInt(placeNumber, 10, 64) // it is a constant
	i.Set("SequenceContext", cim.String(placeContext))
	i.Set("SequenceNumber", cim.Sint64(number))
	return i
}

func deviceAlert(description string) *cim.Instance {
	return numbered(cim.NewInstance(
		"OMC_CoolingUnitIpmiAlertIndication",
		cim.Prop("Description", cim.String(description)), cim.Prop("PerceivedSeverity", cim.Uint16(0)), cim.Prop("AlertType", cim.Uint16(5)),
		cim.Prop("AlertingElementFormat", cim.Uint16(2)), cim.Prop("AlertingManagedElement", cim.String(devicePath(placeSystem, placeDevice).String())),
		cim.Prop("SystemName", cim.String(placeSystem)), cim.Prop("SystemCreationClassName", cim.String("OMC_UnitaryComputerSystem")),
		cim.Prop("ProviderName", cim.String("OMC IPMI provider")), cim.Prop("IndicationIdentifier", cim.String("OMC:IPMI:4711")),
	))
}

func modification(before, after *cim.Instance) *cim.Instance {
	return numbered(cim.NewInstance(
		"CIM_InstModification",
		cim.Prop("SourceInstance", cim.EmbeddedInstance(after)), cim.Prop("PreviousInstance", cim.EmbeddedInstance(before)),
		cim.Prop("SourceInstanceModelPath", cim.String(after.Path.String())), cim.Prop("SourceInstanceHost", cim.String(placeSystem)),
	))
}

func hostOf(n int) string   { return fmt.Sprintf("host-%05d", n) }
func deviceOf(n int) string { return fmt.Sprintf("device-%04d", n) }

// entry returns the n-th indication of the fleet: hosts send in turn.
func (f *fleet) entry(n int) store.Entry {
	host, turn := hostOf(n%f.hosts), n/f.hosts
	context := fmt.Sprintf("context-%05d", n%f.hosts)
	number := int64(1_000_000_000 + turn)
	component, step := turn%f.components, turn/f.components%4
	if f.bursts {
		component, step = turn/4%f.components, turn%4
	}
	raw := strings.NewReplacer(
		placeDevice, deviceOf(component), placeSystem, host,
		placeNumber, strconv.FormatInt(number, 10), placeContext, context,
	).Replace(f.bodies[step])
	return store.Entry{
		Received: f.began.Add(time.Duration(n) * time.Millisecond), Remote: "192.0.2.7:40000", Path: "/" + host, Host: host,
		Class: "CIM_Indication", MessageID: "17", Sequence: &event.Sequence{Context: context, Number: number}, Raw: []byte(raw),
	}
}

// fill makes a store with the fleet's inventory.
func (f *fleet) fill(ctx context.Context, path string) (err error) {
	s, err := store.Open(path, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	const together = 20
	for first := 0; first < f.hosts; first += together {
		err := s.Update(ctx, func(tx *store.Tx) error {
			for n := first; n < min(first+together, f.hosts); n++ {
				if err := f.fillHost(tx, hostOf(n)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fleet) fillHost(tx *store.Tx, host string) error {
	snapshot := inventory.Snapshot{Host: host, Started: f.began.Add(-time.Hour), Reason: inventory.FirstSync}
	for n := range f.components {
		snapshot.Instances = append(snapshot.Instances, device(host, deviceOf(n), 2))
	}
	_, err := tx.Apply(host, func(v inventory.View) inventory.Delta { return inventory.Sync(v, snapshot) })
	return err
}

// append keeps indications in the journal from several goroutines, and returns how long
// that took the journal.
func (f *fleet) append(ctx context.Context, s *store.Store, from, to int) (took time.Duration, err error) {
	for ; from < to; from += f.hosts { // so that those of a host come in order
		entries := make([]store.Entry, min(f.hosts, to-from))
		for n := range entries {
			entries[n] = f.entry(from + n)
		}
		began := time.Now()
		if err := appendAll(ctx, s, entries); err != nil {
			return 0, err
		}
		took += time.Since(began)
	}
	return took, nil
}

func appendAll(ctx context.Context, s *store.Store, entries []store.Entry) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range 256 {
		wg.Go(func() {
			for n := next.Add(1) - 1; int(n) < len(entries); n = next.Add(1) - 1 {
				_, duplicate, err := s.Append(ctx, entries[n])
				if duplicate {
					err = errors.New("the load repeats itself")
				}
				if err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// file returns where a store is in a directory.
func file(dir string) string { return filepath.Join(dir, "bench.db") }

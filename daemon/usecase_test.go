package daemon_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// A useCase is a host that is watched, whose parts a test changes.
type useCase struct {
	*testing.T
	host *host
	d    *running
	time later
	told bool // by indications; else the host is read again
}

// eachWay runs a test with a host that tells what happens, and with one that has to be read.
func eachWay(t *testing.T, test func(*useCase)) {
	t.Helper()
	for name, told := range map[string]bool{"told": true, "read": false} {
		t.Run(name, func(t *testing.T) {
			u := newUseCase(t)
			u.told = told
			test(u)
		})
	}
}

func newUseCase(t *testing.T) *useCase {
	t.Helper()
	u := &useCase{T: t, host: startHost(t, nil)}
	u.d = start(t, configFor(t, u.host.url), &daemon.Options{After: newTurns().after, Now: u.time.now})
	u.d.awaitSubscribed(hostName)
	return u
}

// history returns the changes since the first sync.
func (u *useCase) history() []web.Change {
	u.Helper()
	changes, err := u.d.client.History(within(u), hostName, "")
	if err != nil {
		u.Fatal(err)
	}
	return slices.DeleteFunc(changes, func(c web.Change) bool { return c.Cause.Reason == inventory.FirstSync })
}

// happened has the daemon get to know of what was done to the host.
func (u *useCase) happened(indications ...*cim.Instance) {
	u.Helper()
	if !u.told {
		if err := u.time.resync(u.d, hostName); err != nil {
			u.Fatal(err)
		}
		u.d.awaitSubscribed(hostName)
		return
	}
	for _, i := range indications {
		if _, err := u.host.Fire(within(u), i); err != nil {
			u.Fatal(err)
		}
	}
	if err := errors.Join(u.host.Flush(within(u)), u.d.Settle(within(u))); err != nil {
		u.Fatal(err)
	}
}

// find returns the instance of a class with that name.
func (u *useCase) find(class, name string) *cim.Instance {
	u.Helper()
	all, err := u.host.Instances("root/cimv2", class)
	if err != nil {
		u.Fatal(err)
	}
	n := slices.IndexFunc(all, func(i *cim.Instance) bool { return i.Text("ElementName") == name })
	if n < 0 {
		u.Fatalf("no %s %q", class, name)
	}
	return all[n]
}

// update changes properties on the host, and returns the indication of that.
func (u *useCase) update(i *cim.Instance, properties ...cim.Property) *cim.Instance {
	u.Helper()
	before, after, err := u.host.Update(i.Path, properties...)
	if err != nil {
		u.Fatal(err)
	}
	return simulator.Modification(before, after)
}

// wantHistory compares what was added to the history since the first sync.
func (u *useCase) wantHistory(want ...string) {
	u.Helper()
	reason := inventory.Resync
	if u.told {
		reason = inventory.Indication
	}
	var got []string
	for _, c := range u.history() {
		if c.Cause.Reason != reason {
			u.Errorf("cause of %s of %s is %s", c.Kind, c.Name, c.Cause)
		}
		line := c.Kind + " " + c.Name
		if c.Property != "" {
			line += " [" + c.Property + "]"
		}
		got = append(got, line+" "+string(c.Old)+" -> "+string(c.New))
	}
	slices.Sort(got) // changes of one reading are in the order of the server
	slices.Sort(want)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		u.Errorf("history (-want +got):\n%s", diff)
	}
	u.replays()
}

// replays checks that the history leads to the present state.
func (u *useCase) replays() {
	u.Helper()
	past, err := u.d.client.Past(within(u), queryOf(hostName), time.Now().Add(24*time.Hour))
	if err != nil {
		u.Fatal(err)
	}
	if diff := cmp.Diff(u.components(), stateOf(past.Components)); diff != "" {
		u.Errorf("history leads elsewhere (-state +replayed):\n%s", diff)
	}
}

func (u *useCase) components() map[string]string {
	u.Helper()
	all, err := u.d.client.Components(within(u), hostName)
	if err != nil {
		u.Fatal(err)
	}
	return stateOf(all)
}

// stateOf returns what each component is, by ID.
func stateOf(components []web.Component) map[string]string {
	states := map[string]string{}
	for _, c := range components {
		var open []string
		for _, o := range c.Conditions {
			open = append(open, fmt.Sprint(o.Text, " since ", o.Since))
		}
		states[c.ID] = fmt.Sprint(c.Kind, " ", c.Name, " ", c.Slot, " ", c.Serial, " ", c.Firmware, " ", c.Health, " by ", c.Reason,
			" since ", c.Since, open)
	}
	return states
}

// A device disappears: the first use case of SysMES.
func TestDeviceDisappears(t *testing.T) {
	eachWay(t, func(u *useCase) {
		before := u.components()
		i := u.find("OMC_PhysicalMemory", "DIMM_A3")
		if _, err := u.host.Delete(i.Path); err != nil {
			u.Fatal(err)
		}
		u.happened(simulator.Deletion(i))
		u.wantHistory("disappeared DIMM_A3 null -> null")
		after := u.components()
		delete(before, i.Path.Relative().Canonical())
		if diff := cmp.Diff(before, after); diff != "" {
			u.Errorf("components (-want +got):\n%s", diff)
		}
		gone, err := u.d.client.Component(within(u), hostName, i.Path.Relative().Canonical())
		if err != nil || gone.Removed.IsZero() {
			u.Errorf("what is remembered of it: %+v, %v", gone, err)
		}
	})
}

// A device appears: the second use case of SysMES.
func TestDeviceAppears(t *testing.T) {
	eachWay(t, func(u *useCase) {
		before := u.components()
		i := u.find("OMC_PhysicalMemory", "DIMM_A3").Clone()
		for name, value := range map[string]string{
			"ElementName": "DIMM_A9", "Name": "DIMM_A9", "BankLabel": "DIMM_A9", "Tag": "32.99", "SerialNumber": "NEW1",
		} {
			i.Set(name, cim.String(value))
		}
		created, err := u.host.Create(i)
		if err != nil {
			u.Fatal(err)
		}
		u.happened(simulator.Creation(created))
		u.wantHistory("appeared DIMM_A9 null -> null")
		id := created.Path.Relative().Canonical()
		after := u.components()
		if c := u.d.component(hostName, "DIMM_A9"); c.Serial != "NEW1" || c.Slot != "DIMM_A9" || c.Health != "ok" || c.ID != id {
			u.Errorf("the new one is %+v", c)
		}
		delete(after, id)
		if diff := cmp.Diff(before, after); diff != "" {
			u.Errorf("the others (-want +got):\n%s", diff)
		}
	})
}

// A property changes: the third use case of SysMES.
func TestPropertyChanges(t *testing.T) {
	eachWay(t, func(u *useCase) {
		before := u.components()
		i := u.find("OMC_SMASHFirmwareIdentity", "System BIOS")
		u.happened(u.update(i, cim.Prop("VersionString", cim.String("9.9.9"))))
		u.wantHistory(fmt.Sprintf("property System BIOS [VersionString] %q -> \"9.9.9\"", i.Text("VersionString")))
		after := u.components()
		if c := u.d.component(hostName, "System BIOS"); c.Firmware != "9.9.9" || c.Health != "ok" {
			u.Errorf("it is %+v", c)
		}
		id := i.Path.Relative().Canonical()
		delete(before, id)
		delete(after, id)
		if diff := cmp.Diff(before, after); diff != "" {
			u.Errorf("the others (-want +got):\n%s", diff)
		}
	})
}

// Two memory modules are swapped: each slot has another part, and the comparison of before and
// after says that they moved.
func TestModulesAreSwapped(t *testing.T) {
	eachWay(t, func(u *useCase) {
		one, two := u.find("OMC_PhysicalMemory", "DIMM_A1"), u.find("OMC_PhysicalMemory", "DIMM_B1")
		a, b := one.Text("SerialNumber"), two.Text("SerialNumber")
		before := time.Now()
		u.happened(u.update(one, cim.Prop("SerialNumber", cim.String(b))), u.update(two, cim.Prop("SerialNumber", cim.String(a))))
		u.wantHistory(
			fmt.Sprintf("replaced DIMM_A1 [SerialNumber] %q -> %q", a, b),
			fmt.Sprintf("replaced DIMM_B1 [SerialNumber] %q -> %q", b, a))
		if c, e := u.d.component(hostName, "DIMM_A1"), u.d.component(hostName, "DIMM_B1"); c.Serial != b || e.Serial != a {
			u.Errorf("in A1 is %s, in B1 %s; want %s and %s", c.Serial, e.Serial, b, a)
		}
		past, err := u.d.client.Past(within(u), queryOf(hostName), before)
		if err != nil {
			u.Fatal(err)
		}
		for _, c := range past.Components {
			if c.Name == "DIMM_A1" && c.Serial != a || c.Name == "DIMM_B1" && c.Serial != b {
				u.Errorf("before, %s was %s", c.Name, c.Serial)
			}
		}
	})
}

// A host gets another name of its own: that is a property of its system and nothing else.
func TestHostIsRenamed(t *testing.T) {
	eachWay(t, func(u *useCase) {
		system := u.find("OMC_UnitaryComputerSystem", "esxbox")
		count := len(u.components())
		u.happened(u.update(system, cim.Prop("ElementName", cim.String("esx-lab"))))
		u.wantHistory(`property esx-lab [ElementName] "esxbox" -> "esx-lab"`)
		if c := u.d.component(hostName, "esx-lab"); c.Kind != "system" || len(u.components()) != count {
			u.Errorf("it is %+v, one of %d", c, len(u.components()))
		}
	})
}

// A host gets another name in the configuration: it is a new host, and what is known of the old
// one stays.
func TestHostIsRenamedInTheConfiguration(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	first := start(t, config, nil)
	first.awaitSubscribed(hostName)
	count := len(first.firstSync(hostName))
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	config.Hosts[0].Name = "lab"
	second := start(t, config, nil)
	second.awaitSubscribed("lab")
	hosts, err := second.client.Hosts(within(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, host := range hosts {
		changes, err := second.client.History(within(t), host.Name, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if c.Kind != "appeared" || c.Cause.Reason != inventory.FirstSync {
				t.Errorf("%s of %s by %s", c.Kind, c.Name, c.Cause)
			}
		}
		got = append(got, fmt.Sprint(host.Name, " ", host.State, " ", host.Components["ok"], " ", len(changes)))
	}
	want := []string{fmt.Sprint("esx1 unconfigured ", count, " ", count), fmt.Sprint("lab subscribed ", count, " ", count)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
}

// Another machine comes under the name of one: its parts were replaced where a slot, a tag or a
// serial number tells, and what carries the system's name is another thing.
func TestHostIsReplaced(t *testing.T) {
	h := startHost(t, nil)
	s, err := store.Open(t.TempDir()+"/cimwatch.db", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // Check has said whether all is well
	old := readAll(t, h)
	var other []*cim.Instance
	for _, i := range old {
		other = append(other, onAnotherMachine(i))
	}
	var changes []inventory.Change
	sync := func(at time.Time, found []*cim.Instance) {
		t.Helper()
		err := s.Update(t.Context(), func(tx *store.Tx) (err error) {
			changes, err = tx.Apply(hostName, func(v inventory.View) inventory.Delta {
				return inventory.Sync(v, inventory.Snapshot{Host: hostName, Instances: found, Started: at, Reason: inventory.Resync})
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	sync(begin, old)
	total, was := len(changes), inventory.ComputerOf(kept(t, s))
	sync(begin.Add(time.Hour), other)
	counts := map[string]int{}
	var replaced []string
	for _, c := range changes {
		counts[c.Kind.String()]++
		if c.Kind == inventory.Replaced {
			replaced = append(replaced, c.Name)
		}
	}
	slices.Sort(replaced)
	want := []string{
		"Chassis", "DIMM_A1", "DIMM_A2", "DIMM_A3", "DIMM_A4", "DIMM_B1", "DIMM_B2", "DIMM_B3", "DIMM_B4",
		"Drive 0 in enclosure 32 on Controller 0", "Drive 1 in enclosure 32 on Controller 0", "Drive 2 in enclosure 32 on Controller 0",
		"System Board",
	}
	if diff := cmp.Diff(want, replaced); diff != "" {
		t.Errorf("replaced (-want +got):\n%s", diff)
	}
	// A drive that is told by its slot has another path: the old one disappeared before.
	if diff := cmp.Diff(map[string]int{"appeared": 42, "disappeared": 42 + 3, "replaced": 10 + 3}, counts); diff != "" {
		t.Errorf("changes of %d components (-want +got):\n%s", total, diff)
	}
	now := kept(t, s)
	if is := inventory.ComputerOf(now); is.Serial != "OTHER-"+was.Serial || len(now) != total {
		t.Errorf("it is %+v with %d components, want %d", is, len(now), total)
	}
	past, err := inventory.At(s.History(t.Context(), hostName, ""), begin.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if is := inventory.ComputerOf(past.Components); is != was || len(past.Components) != total {
		t.Errorf("it was %+v", is)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// readAll returns what a sync finds on a host.
func readAll(t *testing.T, h *host) (found []*cim.Instance) {
	t.Helper()
	seen := map[string]bool{}
	for _, class := range inventory.Classes() {
		list, err := h.Instances("root/cimv2", class)
		if err != nil && !cim.IsMissingClass(err) {
			t.Fatal(err)
		}
		for _, i := range list {
			if id := i.Path.Canonical(); !seen[id] {
				seen[id] = true
				found = append(found, i)
			}
		}
	}
	return found
}

// onAnotherMachine returns an instance as another machine of the same make has it.
func onAnotherMachine(i *cim.Instance) *cim.Instance {
	other := i.Clone()
	for n, k := range other.Path.Keys {
		if strings.EqualFold(k.Name, "SystemName") {
			other.Path.Keys[n].Value = cim.String("another-uuid")
			other.Set(k.Name, cim.String("another-uuid"))
		}
	}
	if serial := i.Text("SerialNumber"); serial != "" {
		other.Set("SerialNumber", cim.String("OTHER-"+serial))
	}
	return other
}

// kept returns the components of a host.
func kept(t *testing.T, s *store.Store) (all []inventory.Component) {
	t.Helper()
	for c, err := range s.Components(t.Context(), hostName) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// The sender's clock is wrong by an hour: the history shows its time and when it got known,
// and what was known at a time does not depend on its clock.
func TestClocksDiffer(t *testing.T) {
	for name, off := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			u := newUseCase(t)
			u.told = true
			supply := u.find("OMC_PowerSupply", "Power Supply 1")
			before := time.Now()
			sent := before.Add(off).Truncate(time.Microsecond)
			u.send(supply, 0, sent, "Assert + Power Supply 1 failure")
			between := time.Now()
			u.wantHistory(`raised Power Supply 1 [power supply 1 failure] null -> "Power Supply 1 failure"`, `health Power Supply 1 "ok" -> "critical"`)
			c := u.d.component(hostName, "Power Supply 1")
			if c.Health != "critical" || len(c.Conditions) != 1 || !c.Conditions[0].Since.Equal(sent) || !c.Since.Equal(sent) || c.LastSeen.Before(before) {
				t.Errorf("it is %+v", c)
			}
			changes, err := u.d.client.History(within(t), hostName, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, change := range changes {
				if change.Kind == "raised" && (!change.Time.Equal(sent) || change.Known.Before(before) || change.Known.After(between)) {
					t.Errorf("time %v, known %v; sent at %v, came between %v and %v", change.Time, change.Known, sent, before, between)
				}
			}
			u.wantHealthAt(before, "ok")
			u.wantHealthAt(between, "critical")
			// Its clock is put right: what comes then is not taken for late.
			u.send(supply, 1, time.Now(), "Deassert + Power Supply 1 failure")
			if c := u.d.component(hostName, "Power Supply 1"); c.Health != "ok" || len(c.Conditions) != 0 {
				t.Errorf("after the clock was put right it is %+v", c)
			}
			u.wantHealthAt(between, "critical")
			u.wantHealthAt(time.Now(), "ok")
			u.replays()
		})
	}
}

func (u *useCase) wantHealthAt(at time.Time, want string) {
	u.Helper()
	past, err := u.d.client.Past(within(u), queryOf(hostName), at)
	if err != nil {
		u.Fatal(err)
	}
	for _, c := range past.Components {
		if c.Name == "Power Supply 1" && c.Health != want {
			u.Errorf("at %v it was %s, want %s", at, c.Health, want)
		}
	}
}

// send has the host send an alert about an element, as its n-th of a sequence; less is one
// without a number.
func (u *useCase) send(about *cim.Instance, n int64, at time.Time, text string) {
	u.Helper()
	properties := []cim.Property{
		cim.Prop("AlertingManagedElement", cim.String(about.Path.Local().String())), cim.Prop("AlertingElementFormat", cim.Uint16(2)),
		cim.Prop("IndicationTime", cim.Timestamp(at).Value()),
	}
	if n >= 0 {
		properties = append(properties, numbered("clock", n)...)
	}
	body := alert(u, fmt.Sprint(n), "OMC_IpmiAlertIndication", text, properties...)
	if status := post(u, u.host.destinations(u)[0], body); status != http.StatusOK {
		u.Fatalf("status %d", status)
	}
	if err := u.d.Settle(within(u)); err != nil {
		u.Fatal(err)
	}
}

// Two alerts come within one second, by a clock that has no parts of one: both count, in the
// order in which they came.
func TestTwoAlertsInOneSecond(t *testing.T) {
	const failure, lost = "Power Supply 1 failure", "Power Supply 1 AC lost"
	for name, first := range map[string]int64{"numbered": 0, "not numbered": -10} {
		t.Run(name, func(t *testing.T) {
			u := newUseCase(t)
			u.told = true
			supply := u.find("OMC_PowerSupply", "Power Supply 1")
			second := time.Now().Truncate(time.Second)
			u.send(supply, first, second, "Assert + "+failure)
			u.send(supply, first+1, second, "Assert + "+lost)
			c := u.d.component(hostName, "Power Supply 1")
			if len(c.Conditions) != 2 || c.Conditions[0].Text != failure || c.Conditions[1].Text != lost || c.Health != "critical" {
				t.Errorf("after two raises it is %+v", c)
			}
			u.send(supply, first+2, second, "Deassert + "+failure)
			u.send(supply, first+3, second, "Deassert + "+lost)
			if c := u.d.component(hostName, "Power Supply 1"); len(c.Conditions) != 0 || c.Health != "ok" {
				t.Errorf("after two clears it is %+v", c)
			}
			u.send(supply, first+4, second, "Assert + "+failure+" again")
			u.wantHistory(
				`raised Power Supply 1 [power supply 1 failure] null -> "Power Supply 1 failure"`, `health Power Supply 1 "ok" -> "critical"`,
				`raised Power Supply 1 [power supply 1 ac lost] null -> "Power Supply 1 AC lost"`,
				`cleared Power Supply 1 [power supply 1 failure] "Power Supply 1 failure" -> null`,
				`cleared Power Supply 1 [power supply 1 ac lost] "Power Supply 1 AC lost" -> null`, `health Power Supply 1 "critical" -> "ok"`,
				`raised Power Supply 1 [power supply 1 failure again] null -> "Power Supply 1 failure again"`, `health Power Supply 1 "ok" -> "critical"`)
			if c := u.d.component(hostName, "Power Supply 1"); len(c.Conditions) != 1 || !c.Conditions[0].Since.Equal(second) {
				t.Errorf("at the end it is %+v", c)
			}
		})
	}
}

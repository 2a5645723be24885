package daemon_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/web"
)

// startModel returns a simulated host of a model of testdata.
func startModel(t testing.TB, file string) *host {
	t.Helper()
	model, err := simulator.LoadModel(os.DirFS("testdata"), file)
	if err != nil {
		t.Fatal(err)
	}
	return serveModel(t, model, nil)
}

// configForModel is configFor for models that lack the alerts of ESXi.
func configForModel(t testing.TB, url string) *daemon.Config {
	t.Helper()
	config := configFor(t, url)
	config.Hosts[0].Classes = []string{"CIM_AlertIndication", "CIM_InstCreation", "CIM_InstDeletion"}
	return config
}

// names returns the names of the components of a host, sorted.
func (r *running) names(host string) []string {
	r.t.Helper()
	components, err := r.client.Components(within(r.t), host)
	if err != nil {
		r.t.Fatal(err)
	}
	var list []string
	for _, c := range components {
		list = append(list, c.Kind+" "+c.Name)
	}
	slices.Sort(list)
	return list
}

// property returns a property of a component as text, "" when it has none.
func property(c web.Component, name string) string {
	for _, p := range c.Properties {
		if p.Name == name {
			return strings.Trim(string(p.Value), `"`)
		}
	}
	return ""
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// acme is what there is in the model of that name.
func acme() []string {
	return []string{
		"fan Puffer", "other Flux gate", "other Front door", "other b1", "other b2", "power supply Supply of another namespace",
	}
}

// TestDiscovery finds a vendor's classes by the class tree, with all their properties, and
// what profiles say of another namespace, and nothing that is no hardware.
func TestDiscovery(t *testing.T) {
	h := startModel(t, "acme.mof")
	d := start(t, configForModel(t, h.url), &daemon.Options{After: newTurns().after})
	d.awaitSubscribed(hostName)
	if diff := cmp.Diff(acme(), d.names(hostName)); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	want := []string{"ACME_Blower", "ACME_Door", "ACME_FluxGate", "ACME_Puffer", "CIM_PowerSupply"}
	if diff := cmp.Diff(want, sorted(h.enumerated())); diff != "" {
		t.Errorf("classes that were read, each once (-want +got):\n%s", diff)
	}
	flux := d.component(hostName, "Flux gate")
	if property(flux, "Flux") != "7" || flux.Health != "ok" {
		t.Errorf("the flux gate is %s and has %v", flux.Health, flux.Properties)
	}
	if got := d.metric(`cimwatch_surveys_total{outcome="complete"}`); got != "1" {
		t.Errorf("%s surveys, want 1", got)
	}
}

// TestHardwareElsewhere reads what profiles tell of, of a host that has nothing in the
// namespace of the configuration, and does not fall back on the table.
func TestHardwareElsewhere(t *testing.T) {
	h := startModel(t, "acme.mof")
	config := configForModel(t, h.url)
	config.Hosts[0].Namespace = interop
	d := start(t, config, &daemon.Options{After: newTurns().after})
	d.awaitSubscribed(hostName)
	if diff := cmp.Diff([]string{"power supply Supply of another namespace"}, d.names(hostName)); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if got := d.metric(`cimwatch_surveys_total{outcome="complete"}`); got != "1" {
		t.Errorf("%s complete surveys, want 1", got)
	}
}

// TestRelationsElsewhere reads the associations of all namespaces that hold hardware.
func TestRelationsElsewhere(t *testing.T) {
	h := startModel(t, "acme.mof")
	doors, err := h.Instances("root/cimv2", "ACME_Door")
	if err != nil || len(doors) == 0 {
		t.Fatalf("%d doors, %v", len(doors), err)
	}
	supplies, err := h.Instances("root/acme", "CIM_PowerSupply")
	if err != nil || len(supplies) == 0 {
		t.Fatalf("%d power supplies, %v", len(supplies), err)
	}
	realizes := cim.NewInstance("CIM_Realizes", cim.Prop("Antecedent", cim.Reference(doors[0].Path.Local())),
		cim.Prop("Dependent", cim.Reference(supplies[0].Path.Local())))
	realizes.Path.Namespace = "root/acme"
	if _, err := h.Create(realizes); err != nil {
		t.Fatal(err)
	}
	d := start(t, configForModel(t, h.url), &daemon.Options{After: newTurns().after})
	d.awaitSubscribed(hostName)
	want := []inventory.Relation{{Kind: inventory.Realizes, ID: inventory.ID(supplies[0].Path)}}
	if diff := cmp.Diff(want, d.component(hostName, "Front door").Relations); diff != "" {
		t.Errorf("relations (-want +got):\n%s", diff)
	}
}

// TestClassesThatComeLater reads a class that had no instance when its first one is told,
// and finds others with the next survey.
func TestClassesThatComeLater(t *testing.T) {
	h, clock := startModel(t, "acme.mof"), newTimers()
	config := configForModel(t, h.url)
	config.Hosts[0].SurveyInterval = 3 * time.Hour
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	tape := func(id string) *cim.Instance {
		i := cim.NewInstance("ACME_Tape", cim.Prop("DeviceID", cim.String(id)), cim.Prop("ElementName", cim.String("Tape "+id)),
			cim.Prop("SystemCreationClassName", cim.String("ACME_Box")), cim.Prop("SystemName", cim.String("box")),
			cim.Prop("CreationClassName", cim.String("ACME_Tape")))
		made, err := h.Create(i)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	made := 0
	look := func() {
		t.Helper()
		clock.awaitNext(t, made)
		made = clock.count()
		clock.forward(time.Hour)
		d.awaitSubscribed(hostName)
	}
	tape("t1")
	look()
	if slices.Contains(d.names(hostName), "other Tape t1") {
		t.Error("a class that had no instances is read before the next survey")
	}
	look()
	look()
	if !slices.Contains(d.names(hostName), "other Tape t1") {
		t.Errorf("the survey did not find the tape: %v", d.names(hostName))
	}
}

// TestUnknownProvider has a server that cannot list instance names, or at first hangs at
// that: it is read all the same.
func TestUnknownProvider(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"refuses":    {Method: "EnumerateInstanceNames", Err: cim.Errorf(cim.StatusFailed, "provider died")},
		"no names":   {Method: "EnumerateInstanceNames", Err: cim.Errorf(cim.StatusNotSupported, "no")},
		"breaks off": {Method: "EnumerateInstanceNames", Cut: -1},
		"no classes": {Method: "EnumerateClassNames", Err: cim.Errorf(cim.StatusFailed, "no")},
		"no profile": {Method: "AssociatorNames", Err: cim.Errorf(cim.StatusFailed, "no")},
	} {
		t.Run(name, func(t *testing.T) {
			h := startHost(t, nil)
			h.Fault(fault)
			d := start(t, configFor(t, h.url), nil)
			d.awaitSubscribed(hostName)
			if got := len(d.firstSync(hostName)); got < 50 {
				t.Errorf("%d components were found", got)
			}
		})
	}
}

// TestSurveyOfRefusedAccount does not try an account again that is refused in the middle.
func TestSurveyOfRefusedAccount(t *testing.T) {
	for _, method := range []string{"EnumerateClassNames", "AssociatorNames", "EnumerateInstanceNames"} {
		t.Run(method, func(t *testing.T) {
			h := startHost(t, nil)
			h.Fault(simulator.Fault{Method: method, Status: http.StatusUnauthorized})
			d := start(t, configFor(t, h.url), &daemon.Options{After: newTurns().after})
			if s := d.await(hostName); s.State != daemon.StateFailing || !strings.Contains(s.Detail, "401") {
				t.Errorf("state %s: %s", s.State, s.Detail)
			}
			if n := h.called(method); n != 1 {
				t.Errorf("%d requests with an account that is refused, want 1", n)
			}
			if got := d.metric(`cimwatch_surveys_total{outcome="failed"}`); got != "1" {
				t.Errorf("%s surveys failed, want 1", got)
			}
		})
	}
}

// TestSkippedClasses reads no instance of what the configuration leaves out, also below it.
func TestSkippedClasses(t *testing.T) {
	h := startModel(t, "acme.mof")
	config := configForModel(t, h.url)
	config.Hosts[0].SkipClasses = []string{"ACME_Blower", "cim_powersupply"}
	d := start(t, config, &daemon.Options{After: newTurns().after})
	d.awaitSubscribed(hostName)
	if diff := cmp.Diff([]string{"fan Puffer", "other Flux gate", "other Front door"}, d.names(hostName)); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
}

// TestIntervals reads sensors often and firmware rarely, and the rest with the host.
func TestIntervals(t *testing.T) {
	h, clock := startHost(t, nil), newTimers()
	config := configFor(t, h.url)
	config.Hosts[0].Components = []daemon.ComponentConfig{
		{Class: "CIM_NumericSensor", Interval: time.Minute}, {Class: "CIM_SoftwareIdentity", Interval: 24 * time.Hour},
	}
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	calls := func() int { return h.called("EnumerateInstances") }
	reading := cim.Prop("CurrentReading", cim.Sint32(4711))
	h.heal(t, "OMC_NumericSensor", fanSensor, reading)
	before, contacts := calls(), h.called("GetClass")
	clock.await(t, time.Minute)
	clock.forward(time.Minute)
	clock.await(t, time.Minute) // the next time
	if n := calls() - before; n != 1 {
		t.Errorf("%d classes were read after a minute, want the sensors", n)
	}
	if got := property(d.component(hostName, sensorName(t, h)), "CurrentReading"); got != "4711" {
		t.Errorf("the sensor reads %s", got)
	}
	if h.called("GetClass") == contacts {
		t.Error("the host was not asked whether it is there")
	}
	bios := func() string { return property(d.component(hostName, "System BIOS"), "VersionString") }
	list, err := h.Instances("root/cimv2", "OMC_SMASHFirmwareIdentity")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Update(list[0].Path, cim.Prop("VersionString", cim.String("9.9"))); err != nil {
		t.Fatal(err)
	}
	made := clock.count()
	clock.forward(time.Hour)
	d.awaitSubscribed(hostName)
	if bios() != "2.12.2" {
		t.Error("firmware was read with the host")
	}
	d.component(hostName, "System BIOS") // and it is still there
	clock.awaitNext(t, made)
	clock.forward(24 * time.Hour)
	d.awaitSubscribed(hostName)
	if bios() != "9.9" {
		t.Errorf("firmware is %s after a day", bios())
	}
}

// TestPropertyGroups reads some properties often, and nothing else with them.
func TestPropertyGroups(t *testing.T) {
	h, clock := startHost(t, nil), newTimers()
	config := configFor(t, h.url)
	config.Hosts[0].Components = []daemon.ComponentConfig{{
		Class: "CIM_NumericSensor", Groups: []daemon.GroupConfig{{Properties: []string{"CurrentReading"}, Interval: 30 * time.Second}},
	}}
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	sensor := func(name string) string {
		return property(d.component(hostName, sensorName(t, h)), name)
	}
	before := sensor("PollingInterval")
	h.heal(t, "OMC_NumericSensor", fanSensor, cim.Prop("CurrentReading", cim.Sint32(4711)), cim.Prop("PollingInterval", cim.Uint64(77)))
	h.enumerated()
	for range 2 {
		clock.await(t, 30*time.Second)
		clock.forward(30 * time.Second)
	}
	clock.await(t, 30*time.Second)
	if got := h.enumerated(); !slices.Equal(got, []string{"OMC_NumericSensor", "OMC_NumericSensor"}) {
		t.Errorf("classes read in a minute: %v, want the sensors twice", got)
	}
	if got := sensor("CurrentReading"); got != "4711" {
		t.Errorf("the sensor reads %s, want 4711", got)
	}
	if got := sensor("PollingInterval"); got != before {
		t.Errorf("what is not in the group was read, too: %s", got)
	}
	clock.forward(time.Hour)
	d.awaitSubscribed(hostName)
	if got := sensor("PollingInterval"); got != "77" {
		t.Errorf("the whole sensor was not read with the host: %s", got)
	}
	if n := len(h.enumerated()); n == 0 {
		t.Error("nothing was read")
	}
	clock.await(t, 30*time.Second)
	h.Fault(simulator.Fault{Method: "EnumerateInstances", Err: cim.Errorf(cim.StatusFailed, "not now"), Count: 1})
	made := clock.count()
	clock.forward(30 * time.Second)
	if s := d.await(hostName); s.State != daemon.StateFailing {
		t.Errorf("state %s after a group could not be read", s.State)
	}
	clock.awaitNext(t, made)
	clock.forward(time.Minute)
	d.awaitSubscribed(hostName)
	clock.await(t, 30*time.Second) // it goes on
}

// TestProviderAway has a server say for a moment that it has no such class: what is known of
// its instances stays.
func TestProviderAway(t *testing.T) {
	h, clock := startHost(t, nil), newTimers()
	config := configFor(t, h.url)
	config.Hosts[0].Components = []daemon.ComponentConfig{{Class: "CIM_NumericSensor", Interval: time.Minute}}
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	h.Fault(simulator.Fault{Method: "EnumerateInstances", Err: cim.Errorf(cim.StatusNotSupported, "no provider"), Count: 1})
	clock.await(t, time.Minute)
	made := clock.count()
	clock.forward(time.Minute)
	if s := d.await(hostName); s.State != daemon.StateFailing || !strings.Contains(s.Detail, "no provider") {
		t.Errorf("state %s: %s", s.State, s.Detail)
	}
	d.component(hostName, sensorName(t, h))
	clock.awaitNext(t, made)
	clock.forward(time.Minute)
	d.awaitSubscribed(hostName)
	if changes := d.firstSync(hostName); len(changes) != 0 {
		t.Errorf("when the provider is back, %v", changes)
	}
	if got := d.metric(`cimwatch_surveys_total{outcome="complete"}`); got != "2" {
		t.Errorf("%s surveys, want 2", got)
	}
}

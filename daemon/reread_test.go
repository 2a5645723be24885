package daemon_test

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
)

// timers are the clock of a daemon whose time a test puts forward: a timer rings when its
// time has come, and a test can wait until one is set.
type timers struct {
	mu   sync.Mutex
	time time.Time
	set  []timer
	made int // timers, also those that rang
	news chan struct{}
}

type timer struct {
	at    time.Time
	rings chan time.Time
}

func newTimers() *timers { return &timers{time: time.Now(), news: make(chan struct{}, 1)} }

func (c *timers) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

// after stands in for time.After.
func (c *timers) after(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	rings := make(chan time.Time, 1)
	c.made++
	c.set = append(c.set, timer{c.time.Add(d), rings})
	select {
	case c.news <- struct{}{}:
	default:
	}
	return rings
}

// forward puts the time forward.
func (c *timers) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
	c.set = slices.DeleteFunc(c.set, func(t timer) bool {
		if t.at.After(c.time) {
			return false
		}
		t.rings <- c.time
		return true
	})
}

// await waits until a timer is set that rings after so long, and not before.
func (c *timers) await(t *testing.T, d time.Duration) {
	t.Helper()
	over := time.After(patience)
	for !c.isSet(d) {
		select {
		case <-c.news:
		case <-over:
			t.Fatalf("no timer is set for %s", d)
		}
	}
}

func (c *timers) isSet(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.set, func(t timer) bool { return t.at.Equal(c.time.Add(d)) })
}

// awaitNext waits until another timer is set than the first so many, such as that of the
// next turn.
func (c *timers) awaitNext(t *testing.T, made int) {
	t.Helper()
	over := time.After(patience)
	for c.count() <= made {
		select {
		case <-c.news:
		case <-over:
			t.Fatal("no further timer is set")
		}
	}
}

// count returns how many timers were set.
func (c *timers) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made
}

// A reread is what Observer.Reread was told.
type reread struct {
	element string
	changes []string
}

// startRereading runs a daemon that reads again what alerts tell of.
func startRereading(t *testing.T, h *host, what string) (*running, *timers, chan reread) {
	t.Helper()
	config, clock, told := configFor(t, h.url), newTimers(), make(chan reread, 1000)
	config.Hosts[0].Reread, config.Hosts[0].RereadAgain = what, time.Minute
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now, Observe: tellRereads(told)})
	d.awaitSubscribed(hostName)
	return d, clock, told
}

// tellRereads returns an observer that passes on which elements are read.
func tellRereads(told chan<- reread) daemon.Observer {
	return daemon.Observer{Reread: func(_ string, element cim.ObjectPath, changes []inventory.Change) {
		r := reread{element: element.KeyText("DeviceID")}
		for _, c := range changes {
			r.changes = append(r.changes, c.Name+": "+c.Kind.String()+" "+c.Property)
		}
		told <- r
	}}
}

// awaitReread waits for the next reading of an element.
func awaitReread(t *testing.T, told chan reread, element string) reread {
	t.Helper()
	select {
	case r := <-told:
		if r.element != element {
			t.Fatalf("element %s was read, want %s", r.element, element)
		}
		return r
	case <-time.After(patience):
		t.Fatalf("element %s was not read", element)
		return reread{}
	}
}

const fanSensor = "50.0.29.3" // the speed of the third fan

// heal sets the state of a device without a word.
func (h *host) heal(t *testing.T, class, id string, properties ...cim.Property) {
	t.Helper()
	if _, _, err := h.Update(h.device(t, class, id), properties...); err != nil {
		t.Fatal(err)
	}
}

func (h *host) device(t *testing.T, class, id string) cim.ObjectPath {
	t.Helper()
	list, err := h.Instances("root/cimv2", class)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if i.Text("DeviceID") == id {
			return i.Path
		}
	}
	t.Fatalf("no %s %s", class, id)
	return cim.ObjectPath{}
}

func well() []cim.Property {
	return []cim.Property{
		cim.Prop("HealthState", cim.Uint16(5)), cim.Prop("OperationalStatus", cim.Uint16s(2)),
		cim.Prop("CurrentState", cim.String("Normal")),
	}
}

// sensorName returns the name of the speed sensor of the third fan.
func sensorName(t *testing.T, h *host) string {
	t.Helper()
	return sensor(t, h).Text("ElementName")
}

// sensor returns the speed sensor of the third fan.
func sensor(t *testing.T, h *host) *cim.Instance {
	t.Helper()
	i, err := h.Instance(h.device(t, "OMC_NumericSensor", fanSensor))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestSilentRecovery has a sensor go bad, with an alert, and recover without a word: the
// inventory shows that long before the host is due.
func TestSilentRecovery(t *testing.T) {
	h := startHost(t, nil)
	d, clock, told := startRereading(t, h, daemon.RereadElement)
	name, speed := sensorName(t, h), sensor(t, h).Get("CurrentReading")
	turns := h.called("EnumerateInstances")
	h.play(t, d, "fan-slow")
	if r := awaitReread(t, told, fanSensor); len(r.changes) == 0 {
		t.Error("the first reading tells nothing of the state")
	}
	if c := d.component(hostName, name); c.Health != "critical" && c.Health != "warning" || len(c.Conditions) != 1 {
		t.Errorf("%s is %s with %d conditions", name, c.Health, len(c.Conditions))
	}
	clock.await(t, time.Minute)
	clock.forward(time.Minute)
	awaitReread(t, told, fanSensor)
	if c := d.component(hostName, name); len(c.Conditions) != 1 {
		t.Errorf("%s: %d conditions while nothing is better", name, len(c.Conditions))
	}
	h.heal(t, "OMC_NumericSensor", fanSensor, append(well(), cim.Prop("CurrentReading", speed))...)
	clock.await(t, 2*time.Minute) // twice as long
	clock.forward(2 * time.Minute)
	awaitReread(t, told, fanSensor)
	if c := d.component(hostName, name); c.Health != "ok" || len(c.Conditions) != 0 {
		t.Errorf("%s is %s with %d conditions after it recovered", name, c.Health, len(c.Conditions))
	}
	clock.forward(30 * time.Minute)
	if n := h.called("GetInstance"); n != 3 {
		t.Errorf("%d readings of the element, want 3: none after it recovered", n)
	}
	if n := h.called("EnumerateInstances"); n != turns {
		t.Error("the whole host was read")
	}
	if got := d.metric(`cimwatch_element_readings_total{outcome="read"}`); got != "3" {
		t.Errorf("%s readings are counted, want 3", got)
	}
}

// TestNewAlertOutlastsOldReading keeps a new condition though the provider still says that
// all is well, and ends it when that is so after a while.
func TestNewAlertOutlastsOldReading(t *testing.T) {
	h := startHost(t, nil)
	d, clock, told := startRereading(t, h, daemon.RereadElement)
	name, sensor := sensorName(t, h), h.device(t, "OMC_NumericSensor", fanSensor)
	i := cim.NewInstance("OMC_IpmiAlertIndication", cim.Prop("Description", cim.String("Assert + "+name+" Lower Critical going low")),
		cim.Prop("AlertingManagedElement", cim.String(sensor.Local().String())))
	if _, err := h.Fire(within(t), i); err != nil {
		t.Fatal(err)
	}
	awaitReread(t, told, fanSensor)
	if c := d.component(hostName, name); len(c.Conditions) != 1 {
		t.Errorf("%d conditions right after the alert, want 1", len(c.Conditions))
	}
	clock.await(t, time.Minute)
	clock.forward(time.Minute + time.Second)
	awaitReread(t, told, fanSensor)
	if c := d.component(hostName, name); len(c.Conditions) != 0 || c.Health != "ok" {
		t.Errorf("%s with %d conditions after a minute in which the sensor was well", c.Health, len(c.Conditions))
	}
}

// TestNeighbours reads what is associated with the element: the fan that its sensor measures.
func TestNeighbours(t *testing.T) {
	h := startHost(t, nil)
	d, _, told := startRereading(t, h, daemon.RereadNeighbours)
	before := h.called("AssociatorNames")
	h.play(t, d, "fan-slow") // the alert is of the sensor alone
	r := awaitReread(t, told, fanSensor)
	if !slices.ContainsFunc(r.changes, func(c string) bool { return strings.HasPrefix(c, "System Fan 3: health") }) {
		t.Errorf("the fan is not read with its sensor: %v", r.changes)
	}
	if n := h.called("AssociatorNames") - before; n != 1 {
		t.Errorf("%d times asked for neighbours", n)
	}
}

// TestGoneElement finds that what an alert tells of is not there any more.
func TestGoneElement(t *testing.T) {
	h := startHost(t, nil)
	d, _, told := startRereading(t, h, daemon.RereadNeighbours)
	fan := h.device(t, "OMC_Fan", "29.3")
	name := d.component(hostName, "System Fan 3").Name
	if _, err := h.Delete(fan); err != nil {
		t.Fatal(err)
	}
	i := cim.NewInstance("OMC_IpmiAlertIndication", cim.Prop("Description", cim.String("something about a fan")),
		cim.Prop("AlertingManagedElement", cim.String(fan.Local().String())))
	if _, err := h.Fire(within(t), i); err != nil {
		t.Fatal(err)
	}
	if r := awaitReread(t, told, "29.3"); !slices.Contains(r.changes, name+": disappeared ") {
		t.Errorf("changes %v, want that the fan disappeared", r.changes)
	}
	if got := d.metric(`cimwatch_element_readings_total{outcome="gone"}`); got != "1" {
		t.Errorf("%s elements are counted as gone, want 1", got)
	}
}

// TestNotFoundIsNotGone keeps what a provider lists and does not find.
func TestNotFoundIsNotGone(t *testing.T) {
	h := startHost(t, nil)
	d, _, told := startRereading(t, h, daemon.RereadNeighbours)
	h.Fault(simulator.Fault{Method: "GetInstance", Err: cim.Errorf(cim.StatusNotFound, "no")})
	h.play(t, d, "fan-slow")
	if r := awaitReread(t, told, fanSensor); len(r.changes) != 0 {
		t.Errorf("changes: %v", r.changes)
	}
	if c := d.component(hostName, sensorName(t, h)); len(c.Conditions) != 1 {
		t.Errorf("%d conditions, want the one that was raised", len(c.Conditions))
	}
}

// TestElementElsewhere reads what is in another namespace than that of the configuration,
// whichever an alert names: it is there.
func TestElementElsewhere(t *testing.T) {
	for _, namespace := range []string{"root/acme:", "root/cimv2:", ""} {
		h, told := startModel(t, "acme.mof"), make(chan reread, 10)
		config := configForModel(t, h.url)
		config.Hosts[0].Reread = daemon.RereadElement
		d := start(t, config, &daemon.Options{After: newTimers().after, Observe: tellRereads(told)})
		d.awaitSubscribed(hostName)
		before := d.names(hostName)
		d.alertAbout(h, namespace+`CIM_PowerSupply.SystemCreationClassName="ACME_Box",SystemName="box",CreationClassName="CIM_PowerSupply",DeviceID="p1"`)
		if r := awaitReread(t, told, "p1"); len(r.changes) != 0 {
			t.Errorf("%q: changes %v", namespace, r.changes)
		}
		d.awaitMetric(`cimwatch_element_readings_total{outcome="read"}`, "1")
		if diff := cmp.Diff(before, d.names(hostName)); diff != "" {
			t.Errorf("%q: components (-before +after):\n%s", namespace, diff)
		}
	}
}

// TestUnknownElementIsNotGone concludes nothing from not finding what an alert names without
// a namespace, and what no reading has found before.
func TestUnknownElementIsNotGone(t *testing.T) {
	h, told := startHost(t, nil), make(chan reread, 10)
	config := configFor(t, h.url)
	config.Hosts[0].Reread = daemon.RereadElement
	d := start(t, config, &daemon.Options{After: newTimers().after, Observe: tellRereads(told)})
	d.awaitSubscribed(hostName)
	d.alertAbout(h, `OMC_Fan.DeviceID="x"`)
	if r := awaitReread(t, told, "x"); len(r.changes) != 0 {
		t.Errorf("changes %v", r.changes)
	}
	d.awaitMetric(`cimwatch_element_readings_total{outcome="read"}`, "1") // not as gone
	if got := d.component(hostName, "OMC_Fan x"); len(got.Conditions) != 1 {
		t.Errorf("conditions %v, want the alert's", got.Conditions)
	}
}

// alertAbout has the daemon take an alert about elements.
func (r *running) alertAbout(h *host, elements ...string) {
	r.t.Helper()
	url := h.destinations(r.t)[0]
	for n, path := range elements {
		body := alert(r.t, fmt.Sprint(n), "OMC_IpmiAlertIndication", fmt.Sprintf("Assert + state of %q", path),
			cim.Prop("AlertingManagedElement", cim.String(path)))
		if status := post(r.t, url, body); status != http.StatusOK {
			r.t.Fatalf("status %d", status)
		}
	}
	if err := r.Settle(within(r.t)); err != nil {
		r.t.Fatal(err)
	}
}

// TestRefusedElement asks less and less often for an element that the server refuses to read.
func TestRefusedElement(t *testing.T) {
	h := startHost(t, nil)
	d, clock, told := startRereading(t, h, daemon.RereadElement)
	h.play(t, d, "fan-slow")
	awaitReread(t, told, fanSensor)
	clock.await(t, time.Minute)
	heal := h.Fault(simulator.Fault{Method: "GetInstance", Err: cim.Errorf(cim.StatusFailed, "no")})
	before := h.called("GetInstance")
	for n, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute} {
		clock.await(t, pause)
		if got := h.called("GetInstance") - before; got != n {
			t.Errorf("asked %d times before the pause of %s, want %d", got, pause, n)
		}
		clock.forward(pause)
	}
	clock.await(t, 16*time.Minute)
	heal()
	clock.forward(16 * time.Minute)
	awaitReread(t, told, fanSensor)
}

// TestElementsAfterSilence reads the elements that were left when the host fell silent as
// soon as it answers again, be that in a turn for other classes.
func TestElementsAfterSilence(t *testing.T) {
	h, clock, told := startHost(t, nil), newTimers(), make(chan reread, 10)
	config := configFor(t, h.url)
	config.Hosts[0].Reread, config.Hosts[0].RereadAgain = daemon.RereadElement, time.Minute
	config.Hosts[0].Components = []daemon.ComponentConfig{{Class: "CIM_NumericSensor", Interval: 2 * time.Minute}}
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now, Observe: tellRereads(told)})
	d.awaitSubscribed(hostName)
	release := h.holdBack("GetInstance")
	heal := h.Fault(simulator.Fault{Method: "GetInstance", Skip: 1, Cut: -1})
	d.alertAbout(h, `root/cimv2:OMC_Fan.DeviceID="first"`)
	var paths []string
	for _, id := range []string{"29.1", "29.2"} {
		paths = append(paths, h.device(t, "OMC_Fan", id).Local().String())
	}
	d.awaitCalled(h, "GetInstance", 1)
	d.alertAbout(h, paths...)
	release()
	awaitReread(t, told, "first")
	clock.await(t, 5*time.Second)
	clock.forward(5 * time.Second)
	failed := `cimwatch_element_readings_total{outcome="failed"}`
	d.awaitMetric(failed, "2")
	d.alertAbout(h, h.device(t, "OMC_Fan", "29.3").Local().String()) // while it is silent
	d.awaitMetric(`cimwatch_element_readings_total{outcome="skipped"}`, "1")
	heal()
	clock.forward(2 * time.Minute)
	for _, id := range []string{"first", "29.1", "29.2", "29.3"} {
		awaitReread(t, told, id)
	}
}

// awaitCalled waits until a host was asked for an operation so many times.
func (r *running) awaitCalled(h *host, operation string, times int) {
	r.t.Helper()
	over := time.Now().Add(patience)
	for h.called(operation) < times {
		if time.Now().After(over) {
			r.t.Fatalf("%s was not asked for", operation)
		}
		runtime.Gosched()
	}
}

// TestAlertStorm sends thousands of alerts of one element: they are all taken in, and few
// readings are made.
func TestAlertStorm(t *testing.T) {
	h := startHost(t, nil)
	d, clock, told := startRereading(t, h, daemon.RereadElement)
	sensor, url := h.device(t, "OMC_NumericSensor", fanSensor), h.destinations(t)[0]
	const alerts = 400
	for n := range alerts {
		body := alert(t, fmt.Sprint(n), "OMC_IpmiAlertIndication", fmt.Sprintf("Assert + state %d", n%8),
			cim.Prop("AlertingManagedElement", cim.String(sensor.Local().String())),
			cim.Prop("SequenceContext", cim.String("storm")), cim.Prop("SequenceNumber", cim.Sint64(int64(n))))
		if status := post(t, url, body); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	if err := d.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	awaitReread(t, told, fanSensor)
	clock.await(t, 5*time.Second) // for what was told after the first reading
	clock.forward(5 * time.Second)
	awaitReread(t, told, fanSensor)
	if n := h.called("GetInstance"); n != 2 {
		t.Errorf("%d readings for %d alerts, want 2", n, alerts)
	}
	if got := len(d.takeApplied()); got != alerts {
		t.Errorf("%d alerts are taken in, want %d", got, alerts)
	}
}

// TestManyElements has the whole host read when alerts tell of more elements than are read
// one by one.
func TestManyElements(t *testing.T) {
	h := startHost(t, nil)
	d, clock, told := startRereading(t, h, daemon.RereadElement)
	release := h.holdBack("GetInstance")
	url := h.destinations(t)[0]
	for n := range 100 {
		body := alert(t, fmt.Sprint(n), "OMC_IpmiAlertIndication", fmt.Sprintf("Assert + state %d", n),
			cim.Prop("AlertingManagedElement", cim.String(fmt.Sprintf(`root/cimv2:OMC_Fan.DeviceID="x%d"`, n))))
		if status := post(t, url, body); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	if err := d.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	release()
	awaitReread(t, told, "x0")
	d.awaitMetric(early("alerts"), "1")
	turns := h.called("EnumerateInstances")
	clock.forward(30 * time.Second)
	d.awaitSubscribed(hostName)
	if h.called("EnumerateInstances") == turns {
		t.Error("the host was not read")
	}
	if got := d.component(hostName, "OMC_Fan x99"); len(got.Conditions) != 1 {
		t.Errorf("conditions of the last one: %v", got.Conditions)
	}
}

// holdBack has an operation wait until what is returned is called.
func (h *host) holdBack(operation string) (release func()) {
	released := make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hold = func(called string) {
		if called == operation {
			<-released
		}
	}
	return sync.OnceFunc(func() { close(released) })
}

// TestRereadIsOff reads nothing where the configuration says so.
func TestRereadIsOff(t *testing.T) {
	h := startHost(t, nil)
	d, _, _ := startRereading(t, h, daemon.RereadNo)
	h.play(t, d, "fan-slow")
	if err := d.Resync(hostName); err != nil {
		t.Fatal(err)
	}
	d.awaitSubscribed(hostName) // the turn comes after whatever the alert could have asked for
	if n := h.called("GetInstance"); n != 0 {
		t.Errorf("%d readings, want none", n)
	}
}

// TestRefusedAccountIsNotTried asks once at most with an account that is refused.
func TestRefusedAccountIsNotTried(t *testing.T) {
	h := startHost(t, nil)
	d, clock, _ := startRereading(t, h, daemon.RereadNeighbours)
	heal := h.Fault(simulator.Fault{Status: http.StatusUnauthorized})
	before := h.asked()
	for range 3 {
		h.play(t, d, "fan-slow", "fan-recovered", "case-opened", "psu-unplugged")
		clock.forward(10 * time.Second)
	}
	d.awaitMetric(`cimwatch_element_readings_total{outcome="read"}`, "0")
	if n := h.asked() - before; n > 1 {
		t.Errorf("%d requests with an account that is refused", n)
	}
	heal()
}

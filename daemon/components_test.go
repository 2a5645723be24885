package daemon_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
)

// documentedComponents returns the components that docs/configuration.md shows.
func documentedComponents(t *testing.T) []daemon.ComponentConfig {
	t.Helper()
	_, text, ok := strings.Cut(fileText(t, "../docs/configuration.md"), "```yaml\ncomponents:\n")
	text, _, end := strings.Cut(text, "```")
	if !ok || !end {
		t.Fatal("the document shows no components")
	}
	c, err := daemon.ParseConfig("c.yaml", []byte(valid+"defaults:\n  components:\n  "+strings.ReplaceAll(text, "\n", "\n  ")))
	if err != nil {
		t.Fatal(err)
	}
	return c.Hosts[0].Components
}

// TestDeclaredComponents watches a vendor's own hardware by what the document's example says
// of it: kind, name, identity and health, also of a class that derives from it.
func TestDeclaredComponents(t *testing.T) {
	h, time0 := startModel(t, "acme.mof"), &later{}
	config := configForModel(t, h.url)
	config.Hosts[0].Components = documentedComponents(t)
	d := start(t, config, &daemon.Options{After: newTurns().after, Now: time0.now})
	d.awaitSubscribed(hostName)
	want := []string{
		"fan Blower 1", "fan Blower 2", "fan Puffer", "lamp Lamp l1", "other Flux gate", "other Front door",
		"power supply Supply of another namespace",
	}
	if diff := cmp.Diff(want, d.names(hostName)); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if c := d.component(hostName, "Blower 2"); c.Serial != "T-1002" || c.Health != "ok" || c.Reason != "Condition 1" {
		t.Errorf("the blower %s is %s: %s", c.Serial, c.Health, c.Reason)
	}
	read := func() []inventory.Change {
		t.Helper()
		if err := time0.resync(d, hostName); err != nil {
			t.Fatal(err)
		}
		d.awaitSubscribed(hostName)
		return d.firstSync(hostName)
	}
	h.heal(t, "ACME_Blower", "b1", cim.Prop("Turns", cim.Uint32(3900)))
	if changes := read(); len(changes) != 0 {
		t.Errorf("what is ignored is in the history: %v", changes)
	}
	if got := property(d.component(hostName, "Blower 1"), "Turns"); got != "3900" {
		t.Errorf("what is ignored is not kept up to date: %s", got)
	}
	h.heal(t, "ACME_Blower", "b1", cim.Prop("Condition", cim.Uint16(3)))
	h.heal(t, "ACME_Blower", "b2", cim.Prop("ServiceTag", cim.String("T-2000")))
	var kinds []string
	for _, c := range read() {
		kinds = append(kinds, c.Name+" "+c.Kind.String()+" "+c.Health.String())
	}
	slices.Sort(kinds)
	if diff := cmp.Diff([]string{
		"Blower 1 health critical", "Blower 1 property critical", "Blower 2 replaced ok",
	}, kinds); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// TestDeclaredComponentIsTold has a part of a declared class come by an indication, though
// its class is none of hardware, and leave by another.
func TestDeclaredComponentIsTold(t *testing.T) {
	h := startModel(t, "acme.mof")
	config := configForModel(t, h.url)
	config.Hosts[0].Components = documentedComponents(t)
	d := start(t, config, &daemon.Options{After: newTurns().after})
	d.awaitSubscribed(hostName)
	lamp, err := h.Create(cim.NewInstance("ACME_Lamp", cim.Prop("Id", cim.String("l2")), cim.Prop("Condition", cim.Uint16(3))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Fire(within(t), simulator.Creation(lamp)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.Flush(within(t)), d.Settle(within(t))); err != nil {
		t.Fatal(err)
	}
	if c := d.component(hostName, "Lamp l2"); c.Kind != "lamp" || c.Health != "critical" {
		t.Errorf("the lamp is a %s and %s", c.Kind, c.Health)
	}
	if err := d.Resync(hostName); err != nil {
		t.Fatal(err)
	}
	d.awaitSubscribed(hostName)
	if changes := d.firstSync(hostName); len(changes) != 0 {
		t.Errorf("reading the lamp finds %v", changes)
	}
}

// TestChangedDeclaration gives components that are known another kind and name, and takes
// none for another part.
func TestChangedDeclaration(t *testing.T) {
	h := startModel(t, "acme.mof")
	config := configForModel(t, h.url)
	d := start(t, config, &daemon.Options{After: newTurns().after})
	d.awaitSubscribed(hostName)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	config.Hosts[0].Components = documentedComponents(t)
	d = start(t, config, &daemon.Options{After: newTurns().after})
	d.awaitSubscribed(hostName)
	if got := d.names(hostName); !slices.Contains(got, "fan Blower 1") || slices.Contains(got, "other b1") {
		t.Errorf("components: %v", got)
	}
	for _, c := range d.firstSync(hostName) {
		if c.Kind != inventory.Appeared && c.Kind != inventory.HealthChanged {
			t.Errorf("%s: %s", c.Name, c.Kind)
		}
	}
}

// TestComponentErrors refuses what cannot be meant, at its place.
func TestComponentErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"kind", "{class: A_B, kind: Fan!}", `hosts[0].components[0].kind: "Fan!" is not a kind in lower-case words, such as fan or tape drive`},
		{"name without a property", "{class: A_B, name: Fan}", `hosts[0].components[0].name: "Fan" is not a name with properties in braces, such as {ElementName} in bay {Bay}`},
		{"open brace", "{class: A_B, name: '{Bay} {'}", `hosts[0].components[0].name: "{Bay} {" is not a name with properties in braces, such as {ElementName} in bay {Bay}`},
		{"name of no property", "{class: A_B, name: '{a b}'}", `hosts[0].components[0].name: "a b" is not a property name`},
		{"identity", "{class: A_B, identity: [A, 'B C']}", `hosts[0].components[0].identity[1]: "B C" is not a property name`},
		{"both lists", "{class: A_B, tracked: [A], ignored: [B]}", "hosts[0].components[0].ignored: tracked and ignored exclude each other"},
		{"health of nothing", "{class: A_B, health: {ok: [1]}}", `hosts[0].components[0].health.property: "" is not a property name`},
		{"health without values", "{class: A_B, health: {property: C}}", "hosts[0].components[0].health: no value is given: ok, warning, critical or absent"},
		{"value twice", "{class: A_B, health: {property: C, ok: [1, 2], critical: [3, 1]}}", `hosts[0].components[0].health.critical[1]: value "1" stands at ok already`},
		{"text for health", "{class: A_B, health: bad}", "expected keys and values"},
		{"empty group", "{class: A_B, groups: [{interval: 1m}]}", "hosts[0].components[0].groups[0]: no property is given"},
		{"group of no property", "{class: A_B, groups: [{properties: [A, 'B C'], interval: 1m}]}", `hosts[0].components[0].groups[0].properties[1]: "B C" is not a property name`},
		{"group without an interval", "{class: A_B, groups: [{properties: [A]}]}", "hosts[0].components[0].groups[0].interval: the interval must be a second or longer, and shorter than that of the class"},
		{"slow group", "{class: A_B, interval: 1m, groups: [{properties: [A], interval: 1m}]}", "hosts[0].components[0].groups[0].interval: the interval must be a second or longer, and shorter than that of the class"},
		{"unknown key", "{class: A_B, colour: red}", `unknown field "colour"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := daemon.ParseConfig("c.yaml", []byte(valid+"  components: ["+test.text+"]\n"))
			if err == nil || !strings.HasPrefix(err.Error(), "c.yaml:6:") || !strings.HasSuffix(err.Error(), ": "+test.want) {
				t.Errorf("error\n     %v\nwant c.yaml:6:COLUMN: %s", err, test.want)
			}
		})
	}
	c, err := daemon.ParseConfig("c.yaml", []byte(valid+"  components: [{class: A_B, interval: 90s, health: {property: C, ok: [0, fine], absent: [9]}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []daemon.ComponentConfig{{
		Class: "A_B", Interval: 90 * time.Second,
		Health: &daemon.HealthConfig{Property: "C", OK: []string{"0", "fine"}, Absent: []string{"9"}},
	}}
	if diff := cmp.Diff(want, c.Hosts[0].Components); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
}

package daemon_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/daemon"
)

// TestUnmetDeclarations tells of classes and properties in the configuration that none of the hosts
// has they are declared for, once, until one has them.
func TestUnmetDeclarations(t *testing.T) {
	acme, esx, time0 := startModel(t, "acme.mof"), startHost(t, nil), &later{}
	config := configFor(t, acme.url, esx.url, closedPort(t))
	config.Hosts[0].Classes = []string{"CIM_AlertIndication"}
	declared := []daemon.ComponentConfig{
		{Class: "ACME_Blower", Name: "Blower {Bayy}", Identity: []string{"ServiceTag", "Serial"}, Tracked: []string{"Boost", "deviceid"}},
		{Class: "ACME_Fna", Tracked: []string{"Bay"}},
		{Class: "OMC_Fan", Health: &daemon.HealthConfig{Property: "HaelthState", OK: []string{"5"}}},
	}
	for n := range config.Hosts {
		config.Hosts[n].Components = declared
	}
	config.Hosts[1].Components = append(config.Hosts[1].Components[:3:3], daemon.ComponentConfig{Class: "OMC_Fna"})
	d := start(t, config, &daemon.Options{After: newTurns().after, Now: time0.now})
	for tried := map[string]bool{}; len(tried) < 3; {
		if s := <-d.statuses; s.State != daemon.StatePending {
			tried[s.Host] = true
		}
	}
	const boosted = "components: on no host a class ACME_Blower has a property "
	both := []string{
		"components: no host has a class ACME_Fna", boosted + "Bayy", boosted + "Serial",
		"components: on no host a class OMC_Fan has a property HaelthState",
	}
	notes := func(host string) []string { return d.standings()[host].Notes }
	if diff := cmp.Diff(both, notes("esx1")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(append([]string{both[0], "components: no host has a class OMC_Fna"}, both[1:]...), notes("esx2")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(both, notes("esx3")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again := func() {
		t.Helper()
		for _, host := range []string{"esx1", "esx2"} {
			if err := time0.resync(d, host); err != nil {
				t.Fatal(err)
			}
			d.awaitSubscribed(host)
		}
	}
	again()
	if got := strings.Count(d.logs.String(), "a declared component is on no host"); got != 5 {
		t.Errorf("told %d times of 5 names:\n%s", got, d.logs.String())
	}
	client, err := cimxml.NewClient(acme.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fan := &cim.Class{Name: "ACME_Fna", SuperClass: "ACME_Blower"}
	if err := client.CreateClass(within(t), "root/cimv2", fan); err != nil {
		t.Fatal(err)
	}
	again()
	if diff := cmp.Diff(both[1:], notes("esx1")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !strings.Contains(d.logs.String(), `msg="a declared component is on a host" component=configuration class=ACME_Fna property="" host=esx1`) {
		t.Errorf("the class that there is now is not told:\n%s", d.logs.String())
	}
}

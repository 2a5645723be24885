package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// TestGoneComponent finds what a host no longer has by its name, its ID and its path.
func TestGoneComponent(t *testing.T) {
	f := newFleet(t)
	f.sync(2, 2)
	all := readJSON[componentOutput](t, "inventory", "list", "--address", f.url).Components
	f.sync(2)
	for _, name := range []string{"=Fan 2", "=FAN 2", all[1].ID, all[1].Path} {
		changes := readJSON[changeOutput](t, "inventory", "history", "esx1", name, "--address", f.url).Changes
		if len(changes) != 2 || changes[1].Kind != "disappeared" {
			t.Errorf("history of %s: %v", name, changes)
		}
		if text := run(t, "inventory", "show", "esx1", name, "--address", f.url); !strings.Contains(text, "\n       Removed  ") {
			t.Errorf("show of %s:\n%s", name, text)
		}
	}
}

// TestAmbiguousComponent gives the IDs of components with one name so that a shell takes each as it is.
func TestAmbiguousComponent(t *testing.T) {
	f := newFleet(t)
	found := make([]*cim.Instance, 2)
	for n := range found {
		found[n] = cim.NewInstance("CIM_Fan", cim.Prop("ElementName", cim.String("Fan")))
		found[n].Path = cim.InstancePath("root/cimv2", "CIM_Fan", cim.Key{Name: "DeviceID", Value: cim.Uint8(uint8(n))}, cim.Key{Name: "SystemName", Value: cim.String("it's")})
	}
	f.keep(found)
	code, said := ask(t, "inventory show esx1 fan --address "+f.url, nil)
	const want = "error: 2 components of host esx1 are named \"fan\"\n" +
		`hint: give the ID of one: 'cim_fan.deviceid=0,systemname="it'\''s"' or 'cim_fan.deviceid=1,systemname="it'\''s"'` + "\n"
	if code != cli.ExitFailed || said != want {
		t.Errorf("exit code %d\n%s\nwant\n%s", code, said, want)
	}
}

// TestUnconfiguredHost does not take a host that nobody looks after for well.
func TestUnconfiguredHost(t *testing.T) {
	f := newFleet(t)
	f.sync(2)
	err := f.store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.PutHost(inventory.Host{Name: "esx1", Subscription: "unconfigured", LastSync: time.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	code, said := ask(t, "check esx1 --address "+f.url, nil)
	if code != 3 || !strings.HasPrefix(said, "UNKNOWN - ") || !strings.Contains(said, "nobody looks after the host") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	err = f.store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.PutHost(inventory.Host{Name: "esx1", Subscription: "subscribed", LastSync: time.Now()})
	})
	if code, said := ask(t, "check esx1 --address "+f.url, nil); err != nil || code != cli.ExitDone {
		t.Errorf("configured: %v, exit code %d\n%s", err, code, said)
	}
}

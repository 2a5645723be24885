package inventory_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// module is a memory module of some GB.
func module(slot string, gigabytes uint64, part string) *cim.Instance {
	return device("CIM_PhysicalMemory", slot, text("ElementName", "DIMM "+slot), text("BankLabel", slot),
		text("Manufacturer", "Samsung"), text("PartNumber", part), text("SerialNumber", "S"+slot), cim.Prop("Capacity", cim.Uint64(gigabytes<<30)))
}

func server() []*cim.Instance {
	return []*cim.Instance{
		module("A1", 32, "P32"), module("A2", 32, "P32"), module("A3", 32, "P32"),
		device("CIM_Fan", "1", text("ElementName", "Fan 1")), device("CIM_Fan", "2", text("ElementName", "Fan 2")),
		device("CIM_SoftwareIdentity", "b", text("ElementName", "System BIOS"), text("VersionString", "2.1")),
		device("CIM_PhysicalMemory", "A4", text("ElementName", "DIMM A4"), number("EnabledState", 3)),
		device("CIM_EthernetPort", "e0", text("ElementName", "eth0"), status(10)),
	}
}

func expected(b *inventory.Baseline) (all []string) {
	for n := range b.Components {
		all = append(all, b.Components[n].String())
	}
	return all
}

func TestNewBaseline(t *testing.T) {
	b := inventory.NewBaseline("esx1", read(server()...), at(0), false)
	if diff := cmp.Diff([]string{
		"3 x memory module of 32 GB, vendor Samsung, part P32", "2 x fan", "1 x port",
		"1 x firmware, System BIOS, firmware 2.1",
	}, expected(b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	each := inventory.NewBaseline("esx1", read(server()...), at(0), true)
	if diff := cmp.Diff([]string{
		"1 x memory module of 32 GB, DIMM A1, slot A1, vendor Samsung, part P32, serial SA1",
		"1 x memory module of 32 GB, DIMM A2, slot A2, vendor Samsung, part P32, serial SA2",
		"1 x memory module of 32 GB, DIMM A3, slot A3, vendor Samsung, part P32, serial SA3",
		"1 x fan, Fan 1", "1 x fan, Fan 2", "1 x port, eth0", "1 x firmware, System BIOS, firmware 2.1",
	}, expected(each)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBaselineCheck(t *testing.T) {
	change := func(from []*cim.Instance, n int, properties ...cim.Property) []*cim.Instance {
		changed := slices.Clone(from)
		changed[n] = changed[n].Clone()
		for _, p := range properties {
			changed[n].Set(p.Name, p.Value)
		}
		return changed
	}
	small := cim.Prop("Capacity", cim.Uint64(16<<30))
	for _, test := range []struct {
		name     string
		baseline string // "" is one saved from server
		now      []*cim.Instance
		want     []string
	}{
		{"as it was", "", server(), nil},
		{"rounded", `[{"kind":"Memory Module","count":3,"size":"32.2GiB"}]`, server(), nil},
		{"a module is missing", "", server()[1:], []string{"memory module of 32 GB, vendor Samsung, part P32: 1 of 3 missing"}},
		{"all are", "", server()[3:], []string{"memory module of 32 GB, vendor Samsung, part P32: 3 of 3 missing"}},
		{"a smaller one", "", change(server(), 1, small), []string{"memory module DIMM A2: size is 16 GB, expected 32 GB"}},
		{"another one", "", change(server(), 1, small, text("PartNumber", "P16")),
			[]string{"memory module DIMM A2: size is 16 GB, expected 32 GB", "memory module DIMM A2: part is P16, expected P32"}},
		{"nothing in common", "", change(server(), 1, small, text("PartNumber", "P16"), text("Manufacturer", "Hynix")),
			[]string{"memory module of 16 GB, DIMM A2, vendor Hynix, part P16: not expected", "memory module of 32 GB, vendor Samsung, part P32: 1 of 3 missing"}},
		{"one too many", "", append(server(), module("B1", 32, "P32")),
			[]string{"memory module of 32 GB, DIMM B1, vendor Samsung, part P32: one more than the 3 that are expected"}},
		{"of a kind that is not looked at", "", append(server(), device("CIM_Battery", "1")), nil},
		{"firmware", "", change(server(), 5, text("VersionString", "2.2")), []string{"firmware System BIOS: firmware is 2.2, expected 2.1"}},
		{"no firmware", "", change(server(), 5, text("VersionString", "")), []string{"firmware System BIOS: firmware is none, expected 2.1"}},
		{"none allowed", `[{"kind":"fan","count":0}]`, server(),
			[]string{"fan, Fan 1: not expected", "fan, Fan 2: not expected"}},
		{"a property", `[{"kind":"fan","count":2,"properties":{"Speed":"7","OperationalStatus":"2,3"}}]`,
			change(change(server(), 3, cim.Prop("Speed", cim.Uint64(7)), status(2, 3)), 4, cim.Prop("Speed", cim.Uint64(7)), status(2)),
			[]string{"fan Fan 2: OperationalStatus is 2, expected 2,3"}},
		{"overlapping", `[{"kind":"memory module","vendor":"samsung"},{"kind":"memory module","part":"P32"},{"kind":"memory module","slot":"a1"}]`, server(), nil},
		{"one in a slot, and others", `[{"kind":"memory module","count":2},{"kind":"memory module","slot":"A1","size":"64 GB"}]`, server(),
			[]string{"memory module DIMM A1: size is 32 GB, expected 64 GB"}},
		{"in a slot", `[{"kind":"memory module","slot":"A9","size":"32 GB"},{"kind":"memory module","count":2}]`, server(),
			[]string{"memory module DIMM A3: slot is A3, expected A9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := inventory.NewBaseline("esx1", read(server()...), at(0), false)
			if test.baseline != "" {
				b = mustBaseline(t, `{"components":`+test.baseline+`}`)
			}
			var got []string
			for _, d := range b.Check(read(test.now...)) {
				got = append(got, d.Text)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("deviations (-want +got):\n%s", diff)
			}
		})
	}
}

func mustBaseline(t testing.TB, text string) *inventory.Baseline {
	t.Helper()
	b, err := inventory.ReadBaseline(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadBaselineErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "read baseline: EOF",
		"[]":                               "read baseline: json: cannot unmarshal array into Go value of type inventory.Baseline",
		`{"components":[{"kinds":"fan"}]}`: `read baseline: json: unknown field "kinds"`,
		`{"component":[]}`:                 `read baseline: json: unknown field "component"`,
		`{"components":[{"count":1}]}`:     `read baseline: components[0]: kind: it is missing, such as "memory module"`,
		`{"components":[]} {}`:             "read baseline: there is more behind its end",
		`{"components":[{"kind":"fan"},{"kind":"fan","count":-1}]}`:                        "read baseline: components[1]: count -1: expected a number from 0 to 1048576",
		`{"components":[{"kind":"memory module","count":1,"size":"many"}]}`:                `read baseline: components[0]: size "many": expected a number and a unit, such as 32 GB`,
		`{"components":[` + strings.Repeat(`{"kind":"fan"},`, 10_000) + `{"kind":"fan"}]}`: "read baseline: 10001 components, at most 10000 can be expected",
	} {
		if _, err := inventory.ReadBaseline(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%.80s: %v, want %s", text, err, want)
		}
	}
}

// A baseline that was saved, written and read finds nothing to complain of in its host.
func TestBaselinesFitTheirHosts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		components := read(instances(t, "host")...)
		each := rapid.Bool().Draw(t, "each")
		written, err := json.Marshal(inventory.NewBaseline("esx1", components, at(0), each))
		if err != nil {
			t.Fatal(err)
		}
		b, err := inventory.ReadBaseline(bytes.NewReader(written))
		if err != nil {
			t.Fatal(err)
		}
		if found := b.Check(components); len(found) != 0 {
			t.Fatalf("%s: %v", written, found)
		}
		total := 0
		for _, e := range b.Components {
			total += e.Count
		}
		if total > 0 && len(b.Check(nil)) != len(b.Components) {
			t.Fatalf("an empty host deviates in %v", b.Check(nil))
		}
	})
}

func FuzzReadBaseline(f *testing.F) {
	f.Add(`{"host":"esx1","saved":"2026-11-20T08:00:00Z","components":[{"kind":"memory module","count":16,"size":"32 GB"}]}`)
	f.Add(`{"components":[{"kind":"fan","properties":{"Speed":"7"}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := inventory.ReadBaseline(strings.NewReader(text))
		if err != nil {
			return
		}
		written, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := inventory.ReadBaseline(bytes.NewReader(written))
		if err != nil || fmt.Sprint(expected(again)) != fmt.Sprint(expected(b)) {
			t.Errorf("%s reads as %v, %v", written, again, err)
		}
		b.Check(read(server()...))
	})
}

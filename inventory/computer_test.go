package inventory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

func TestComputerOf(t *testing.T) {
	chassis := inventory.Component{
		Kind: inventory.KindChassis, Name: "Chassis", Vendor: "Dell Inc.", Model: "PowerEdge R640", Serial: "7XQ4NM3",
	}
	shelf := inventory.Component{Kind: inventory.KindChassis, Name: "Disk shelf", Vendor: "Other", Model: "Shelf", Serial: "S1"}
	removed := chassis
	removed.Serial, removed.Removed = "OLD", time.Unix(1, 0)
	bios := func(date string) inventory.Component {
		return inventory.Component{
			Kind: inventory.KindFirmware, Name: "System BIOS", Firmware: "2.12.2",
			Properties: cim.PropertyMap{cim.Prop("ReleaseDate", cim.String(date))},
		}
	}
	blade := func(serial string) inventory.Component {
		return inventory.Component{Kind: inventory.KindBoard, Name: "Server Blade", Serial: serial}
	}
	dell := inventory.Computer{Vendor: "Dell Inc.", Model: "PowerEdge R640", Serial: "7XQ4NM3"}
	inBlade := dell
	inBlade.Serial, inBlade.Chassis = "B1", "7XQ4NM3"
	dated, undated := dell, dell
	dated.BIOS, dated.BIOSDate, undated.BIOS = "2.12.2", "2021-07-23", "2.12.2"
	tests := []struct {
		name       string
		components []inventory.Component
		want       inventory.Computer
	}{
		{"nothing", nil, inventory.Computer{}},
		{"chassis", []inventory.Component{chassis}, dell},
		{"the one that is named so", []inventory.Component{shelf, chassis, shelf}, dell},
		{"removed", []inventory.Component{chassis, removed}, dell},
		{"BIOS", []inventory.Component{bios("20210723000000.000000+000"), chassis}, dated},
		{"BIOS without a date", []inventory.Component{chassis, bios("soon")}, undated},
		{"BIOS with an odd date", []inventory.Component{chassis, bios("20219923000000.000000+000")}, undated},
		{"blade", []inventory.Component{blade("B1"), chassis}, inBlade},
		{"blade with dots", []inventory.Component{chassis, blade(".B1.CN7016")}, inBlade},
		{"blade with a dot at the end", []inventory.Component{chassis, blade("B1.")}, func() inventory.Computer {
			c := inBlade
			c.Serial = "B1."
			return c
		}()},
		{"blade without a number", []inventory.Component{chassis, blade("")}, dell},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, inventory.ComputerOf(tt.components)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseHealth(t *testing.T) {
	for _, h := range []inventory.Health{inventory.Unknown, inventory.Absent, inventory.OK, inventory.Warning, inventory.Critical} {
		if got := inventory.ParseHealth(h.String()); got != h {
			t.Errorf("%s is read as %s", h, got)
		}
	}
	if got := inventory.ParseHealth("fine"); got != inventory.Unknown {
		t.Errorf("got %s", got)
	}
}

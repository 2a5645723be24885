package inventory

import (
	"strings"
	"time"
)

// Computer is what a host is as a product, as far as its components tell.
type Computer struct {
	Vendor  string `json:"vendor,omitempty"`
	Model   string `json:"model,omitempty"`
	Serial  string `json:"serial,omitempty"`
	Chassis string `json:"chassis,omitempty"` // of a blade: the serial number of what it is in
	BIOS    string `json:"bios,omitempty"`    // version

	BIOSDate string `json:"bios_date,omitempty"` // 2006-01-02
}

// ComputerOf returns what the components of one host say of it. ESXi has one chassis named
// "Chassis", firmware named "System BIOS", and on blades a package named "Server Blade" with
// the blade's own serial number, which is the second part where there are dots in it
// (observed: check_esxi_hardware).
func ComputerOf(components []Component) Computer {
	var m Computer
	for n := range components {
		c := &components[n]
		switch {
		case !c.Removed.IsZero():
		case c.Kind == KindChassis && c.Name != bladeName && (m.Vendor == "" && m.Serial == "" || c.Name == "Chassis"):
			m.Vendor, m.Model, m.Serial = c.Vendor, c.Model, c.Serial
		case c.Kind == KindFirmware && c.Name == "System BIOS":
			m.BIOS, m.BIOSDate = c.Firmware, dateOf(c)
		}
	}
	for n := range components {
		if c := &components[n]; c.Name == bladeName && c.Removed.IsZero() && c.Serial != "" {
			m.Chassis, m.Serial = m.Serial, bladeSerial(c.Serial)
		}
	}
	return m
}

const bladeName = "Server Blade"

func bladeSerial(text string) string {
	if _, after, ok := strings.Cut(text, "."); ok && after != "" {
		after, _, _ = strings.Cut(after, ".")
		return after
	}
	return text
}

// dateOf returns the day of a ReleaseDate, "" where there is none.
func dateOf(c *Component) string {
	text := c.Instance().Get("ReleaseDate").Lexical()
	const digits = len("20060102")
	if len(text) < digits {
		return ""
	}
	day, err := time.Parse("20060102", text[:digits])
	if err != nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

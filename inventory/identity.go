package inventory

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// The properties that a component's fields are taken from; the first that has a text counts.
var (
	nameProperties     = []string{"ElementName", "Caption", "Name", "DeviceID", "Tag", "InstanceID"}
	slotProperties     = []string{"Slot", "SlotNumber", "BankLabel", "DriveBay", "Bay", "Location"}
	vendorProperties   = []string{"Manufacturer", "Vendor", "VendorName"}
	modelProperties    = []string{"Model", "ModelName", "ProductName"}
	partProperties     = []string{"PartNumber", "SKU"}
	serialProperties   = []string{"SerialNumber", "IdentifyingNumber"}
	firmwareProperties = []string{"FirmwareVersion", "FirmwareRevision", "VersionString", "Version", "Revision"}
)

// noisy are properties that change by themselves all the time. They enter the history only
// along with a change of health.
var noisy = map[string]bool{
	"currentreading": true, "sensorreading": true, "timeofcurrentreading": true,
	"poweronhours": true, "totalpoweronhours": true, "timeonbattery": true,
	"currentnumberofrecords": true, "timeoflastupdate": true, "loadpercentage": true,
}

func isNoisy(property string) bool { return noisy[cim.FoldName(property)] }

// blanks are what firmware writes where it has no serial or part number.
var blanks = map[string]bool{
	"": true, "0": true, "n/a": true, "na": true, "none": true, "null": true, "unknown": true,
	"not specified": true, "not available": true, "to be filled by o.e.m.": true,
	"no dimm": true,
}

// identify fills a component's fields from its properties. A name that is not told stays
// what the path says.
func identify(c *Component) {
	i := c.Instance()
	c.Kind = KindOf(c.Class)
	c.Name = firstText(i, nameProperties)
	if c.Name == "" {
		c.Name = nameFromPath(c.Path)
	}
	c.Name = shorten(c.Name)
	c.Slot = firstText(i, slotProperties)
	c.Vendor = firstText(i, vendorProperties)
	c.Model = firstText(i, modelProperties)
	c.Part = firstText(i, partProperties)
	c.Serial = firstText(i, serialProperties)
	c.Firmware = firstText(i, firmwareProperties)
}

// longestName is in bytes. Names stand in every entry of the history.
const longestName = 256

func shorten(name string) string {
	if len(name) > longestName {
		return strings.ToValidUTF8(name[:longestName], "")
	}
	return name
}

func firstText(i *cim.Instance, names []string) string {
	for _, name := range names {
		if text := textOf(i, name); text != "" {
			return text
		}
	}
	return ""
}

func nameFromPath(p cim.ObjectPath) string {
	for _, name := range nameProperties {
		if text := p.KeyText(name); text != "" {
			return p.Class + " " + text
		}
	}
	return p.Class
}

// serialOf returns the serial number as an identity: without blanks that firmware fills in.
func serialOf(c *Component) string {
	text := strings.ToLower(c.Serial)
	if blanks[text] || strings.Trim(text, "0") == "" || strings.Trim(text, "f") == "" {
		return ""
	}
	return text
}

// longestID keeps IDs fit for keys of stores, whatever an alert may name.
const longestID = 512

// ID returns the ID that the component at an instance path has, see [Component].
func ID(path cim.ObjectPath) string { return idOf(path) }

// idOf identifies a component within its host. A namespace does not count: the same
// hardware shows in several.
func idOf(p cim.ObjectPath) string {
	id := p.Relative().Canonical()
	if len(id) <= longestID {
		return id
	}
	return fmt.Sprintf("%.64s#%x", cim.FoldName(p.Class), sha256.Sum256([]byte(id)))
}

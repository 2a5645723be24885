package cimxml

import (
	"cmp"
	"context"
	"regexp"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// ServerInfo is what a CIM server says of itself.
type ServerInfo struct {
	Brand   string // "OpenPegasus", "sfcb", or what the server calls itself; "" when it does not say
	Version string // "2.14.1"; "" when it does not say
	Interop string // the interop namespace

	Manager *cim.Instance // of CIM_ObjectManager; nil when there is none
}

// ServerInfo asks the server what it is.
func (c *Client) ServerInfo(ctx context.Context) (*ServerInfo, error) {
	managers, err := c.inInterop(ctx, "CIM_ObjectManager")
	if err != nil {
		return nil, err
	}
	interop, err := c.InteropNamespace(ctx)
	if err != nil {
		return nil, err
	}
	info := &ServerInfo{Interop: interop}
	if len(managers) > 0 {
		info.Manager = managers[0]
		info.Brand, info.Version = brandOf(managers[0])
	}
	return info, nil
}

// brandMarks tell a server by a word that is in what it says of itself, in lower case.
// The first that fits counts.
func brandMarks() [][2]string {
	return [][2]string{
		{"pegasus", "OpenPegasus"},
		{"sfcb", "sfcb"},
		{"small footprint cim broker", "sfcb"},
		{"wbem solutions", "WBEM Solutions J WBEM Server"},
		{"j wbem server", "WBEM Solutions J WBEM Server"},
		{"openwbem", "OpenWBEM"},
		{"emc cim", "EMC CIM Server"},
		{"wmi mapper", "WMI Mapper"},
		{"sblim", "sfcb"},
	}
}

// versionText finds a version behind a blank, a letter v or at the beginning.
var versionText = regexp.MustCompile(`(?i)(?:^|[\s:/_-]|\bv)(\d+(?:\.\d+)+[-.\w]*)`)

// brandOf returns the brand and the version that an instance of CIM_ObjectManager tells.
func brandOf(manager *cim.Instance) (brand, version string) {
	said := []string{manager.Text("ElementName"), manager.Text("Description"), manager.Text("Caption"), manager.Text("Name")}
	all := strings.ToLower(strings.Join(said, "\n"))
	brand = cmp.Or(said[0], said[3])
	for _, mark := range brandMarks() {
		if strings.Contains(all, mark[0]) {
			brand = mark[1]
			break
		}
	}
	for _, text := range append([]string{manager.Text("Version")}, said[:3]...) {
		if m := versionText.FindStringSubmatch(text); m != nil {
			return brand, strings.TrimRight(m[1], ".-_")
		}
	}
	return brand, ""
}

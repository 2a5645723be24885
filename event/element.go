package event

import (
	"github.com/cimwatch/cimwatch/cim"
)

// formatObjectPath is CIM_AlertIndication.AlertingElementFormat "CIMObjectPath".
const formatObjectPath = 2

// alertingElement reads AlertingManagedElement, which is a string in the schema; some
// providers send a reference. Without a format, or with another one, text that reads as an
// instance path is taken for one.
func alertingElement(indication *cim.Instance) cim.ObjectPath {
	value := indication.Get("AlertingManagedElement")
	if p, ok := value.Reference(); ok {
		return p
	}
	text, _ := value.Text()
	p, err := cim.ParseObjectPath(text)
	if err != nil {
		return cim.ObjectPath{}
	}
	format, _ := indication.Get("AlertingElementFormat").Uint64()
	if format != formatObjectPath && len(p.Keys) == 0 {
		return cim.ObjectPath{} // a bare word reads as a class
	}
	return p
}

// sourcePath returns the path of what a lifecycle indication is about: as stated, as the
// embedded instance has it, or made from its keys.
func sourcePath(indication, source, previous *cim.Instance) cim.ObjectPath {
	if p, err := cim.ParseObjectPath(indication.Text("SourceInstanceModelPath")); err == nil {
		return p
	}
	for _, i := range []*cim.Instance{source, previous} {
		if i == nil {
			continue
		}
		if i.Path.IsInstance() {
			return i.Path
		}
		if p := pathFromKeys(i); p.IsInstance() {
			return p
		}
	}
	return cim.ObjectPath{}
}

// conventionalKeys are the key sets of the DMTF schema's branches that hold hardware, most
// telling property first: an embedded instance comes without a path, and rarely with Key
// qualifiers.
var conventionalKeys = [][]string{
	{"DeviceID", "CreationClassName", "SystemCreationClassName", "SystemName"}, // CIM_LogicalDevice
	{"Tag", "CreationClassName"},  // CIM_PhysicalElement
	{"InstanceID"},                // CIM_SoftwareIdentity, CIM_RecordLog, settings
	{"Name", "CreationClassName"}, // CIM_System
}

func pathFromKeys(i *cim.Instance) cim.ObjectPath {
	if keys := qualifiedKeys(i); keys != nil {
		return cim.InstancePath("", i.Class, keys...)
	}
	for _, names := range conventionalKeys {
		if i.Get(names[0]).IsNull() {
			continue
		}
		var keys []cim.Key
		for _, name := range names {
			if p := i.Property(name); p != nil && !p.Value.IsNull() {
				keys = append(keys, cim.Key{Name: p.Name, Value: p.Value})
			}
		}
		return cim.InstancePath("", i.Class, keys...)
	}
	return cim.ObjectPath{}
}

func qualifiedKeys(i *cim.Instance) []cim.Key {
	var keys []cim.Key
	for n := range i.Properties {
		if p := &i.Properties[n]; p.IsKey() && !p.Value.IsNull() {
			keys = append(keys, cim.Key{Name: p.Name, Value: p.Value})
		}
	}
	return keys
}

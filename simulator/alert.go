package simulator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// The values of CIM_AlertIndication that the simulator's alerts have.
const (
	alertClass       = "CIM_AlertIndication"
	formatObjectPath = 2 // AlertingElementFormat: CIMObjectPath
	deviceAlert      = 5 // AlertType
	securityAlert    = 8 // AlertType
)

// alert returns an alert about an element. Its severity is 0, since VMware's sensors say
// all in the description (observed).
func alert(class, description string, element *cim.Instance) *cim.Instance {
	i := cim.NewInstance(class,
		cim.Prop("Description", cim.String(description)),
		cim.Prop("AlertingManagedElement", cim.String(elementText(element.Path))),
		cim.Prop("PerceivedSeverity", cim.Uint16(0)))
	i.Path.Namespace = element.Path.Namespace
	return i
}

// elementText writes an element's path with its keys in the order of VMware's providers:
// the most telling key first (observed).
func elementText(path cim.ObjectPath) string {
	path.Keys = slices.Clone(path.Keys)
	slices.Reverse(path.Keys)
	return path.Local().String()
}

// fillAlert fills in what VMware's providers fill in besides the description (observed).
// Other indications stay as they are.
func (s *Server) fillAlert(i *cim.Instance) {
	if !s.schema.IsA(i.Class, alertClass) {
		return
	}
	fill := func(name string, v cim.Value) {
		if i.Get(name).IsNull() {
			i.Set(name, v)
		}
	}
	fill("EventTime", cim.Timestamp(s.opts.Now()).Value())
	fill("PerceivedSeverity", cim.Uint16(0))
	fill("AlertType", cim.Uint16(alertType(i.Text("Description"))))
	fill("ProviderName", cim.String("simulator"))
	element, err := cim.ParseObjectPath(i.Text("AlertingManagedElement"))
	if err != nil {
		return
	}
	fill("AlertingElementFormat", cim.Uint16(formatObjectPath))
	for _, name := range []string{"SystemName", "SystemCreationClassName"} {
		if v := element.Key(name); v.Type() == cim.TypeString {
			fill(name, v)
		}
	}
}

func alertType(description string) uint16 {
	if strings.Contains(strings.ToLower(description), "intrusion") {
		return securityAlert
	}
	return deviceAlert
}

// nextIdentifier returns an IndicationIdentifier.
func (s *Server) nextIdentifier() string {
	return s.service + ":" + strconv.FormatUint(s.lastIdentifier.Add(1), 10)
}

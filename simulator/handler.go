package simulator

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// handlerRules are those of CIM_ListenerDestination and the classes below it, which
// older schemas call handlers.
type handlerRules struct{}

// The values of CIM_ListenerDestination that sfcb fills in (observed).
const (
	persistent     = 2 // PersistenceType: Permanent
	transientType  = 3 // PersistenceType: Transient, the last that is allowed
	protocolCIMXML = 2 // Protocol: CIM-XML
)

func (handlerRules) prepare(s *Server, i *cim.Instance) error {
	s.fillKeys(i)
	if i.Text("Destination") == "" {
		return cim.Errorf(cim.StatusFailed, "Destination property not found; is required")
	}
	setDefault(i, "PersistenceType", cim.Uint16(persistent))
	setDefault(i, "Protocol", cim.Uint16(protocolCIMXML))
	if n, ok := i.Get("PersistenceType").Uint64(); ok && (n < 1 || n > transientType) {
		return cim.Errorf(cim.StatusFailed, "PersistenceType property must be 1, 2, or 3")
	}
	return nil
}

func (handlerRules) created(s *Server, i *cim.Instance) error {
	s.indications.destinations[i.Path.Canonical()] = newDestination(s, i)
	return nil
}

// modified takes a new Destination into account. Real sfcb crashes at the next delivery.
func (handlerRules) modified(s *Server, i *cim.Instance) error {
	if d := s.indications.destinations[i.Path.Canonical()]; d != nil {
		d.redirect(i.Text("Destination"))
	}
	return nil
}

func (handlerRules) deleted(s *Server, i *cim.Instance) error {
	key := i.Path.Canonical()
	d := s.indications.destinations[key]
	if slices.ContainsFunc(s.indications.subscriptions, func(sub *subscription) bool { return sub.destination == d }) {
		return cim.Errorf(cim.StatusFailed, "Handler in use")
	}
	if d != nil {
		d.abandon()
	}
	delete(s.indications.destinations, key)
	return nil
}

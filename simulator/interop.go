package simulator

import (
	"github.com/cimwatch/cimwatch/cim"
)

// The classes that make indications flow, all in the interop namespace (DSP1054).
const (
	indicationClass   = "CIM_Indication"
	filterClass       = "CIM_IndicationFilter"
	destinationClass  = "CIM_ListenerDestination"
	subscriptionClass = "CIM_AbstractIndicationSubscription"
	plainSubscription = "CIM_IndicationSubscription" // root of its own in older schemas

	indicationServiceClass = "CIM_IndicationService"
)

// rules are what the server does about instances of a class beyond keeping them. All
// but prepare are called with Server.mu held.
type rules interface {
	// prepare checks an instance before it is created and fills in what is missing.
	prepare(s *Server, i *cim.Instance) error
	// created, modified and deleted check a change, and make it take effect.
	created(s *Server, i *cim.Instance) error
	modified(s *Server, i *cim.Instance) error
	deleted(s *Server, i *cim.Instance) error
}

// rulesFor returns the rules of a class, nil when there are none. Filters, handlers and
// subscriptions outside the interop namespace are plain instances (observed: sfcb).
func (s *Server) rulesFor(namespace, class string) rules {
	if !s.isInterop(namespace) {
		return nil
	}
	switch {
	case s.schema.IsA(class, filterClass):
		return filterRules{}
	case s.schema.IsA(class, destinationClass):
		return handlerRules{}
	case s.schema.IsA(class, subscriptionClass), s.schema.IsA(class, plainSubscription):
		return subscriptionRules{}
	case s.isNamespace(class):
		return namespaceRules{}
	default:
		return nil
	}
}

func (s *Server) isInterop(namespace string) bool {
	return cim.EqualNames(cim.CleanNamespace(namespace), s.opts.Interop)
}

// indications is what the filters, handlers and subscriptions in the interop namespace
// amount to. Server.mu protects it.
type indications struct {
	filters       map[string]*filter      // by canonical path
	destinations  map[string]*destination // by canonical path
	subscriptions []*subscription         // in the order of their creation
}

// fillKeys gives the keys of filters and handlers the values that sfcb 1.4.10 gives them
// when the client leaves them out (observed).
func (s *Server) fillKeys(i *cim.Instance) {
	setDefault(i, "SystemCreationClassName", cim.String("CIM_ComputerSystem"))
	setDefault(i, "SystemName", cim.String(s.opts.HostName))
	setDefault(i, "CreationClassName", cim.String(i.Class))
	setDefault(i, "Name", cim.String(""))
}

// setDefault gives a property a value if its class has it and it is NULL.
func setDefault(i *cim.Instance, name string, v cim.Value) {
	if p := i.Property(name); p != nil && p.Value.IsNull() {
		p.Value = v
	}
}

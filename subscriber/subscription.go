package subscriber

import (
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
)

// Subscription is a subscription as it stands on a server.
type Subscription struct {
	Path             cim.ObjectPath
	Owner            string // name of the declaration that made it, "" for what others made
	FilterName       string
	HandlerName      string
	Query            string // "" when the filter is gone
	Language         string
	SourceNamespaces []string
	Destination      string // URL of the listener, "" when the handler is gone
	State            State
}

// State is CIM_IndicationSubscription.SubscriptionState. The zero State is also that of a
// server that does not tell (observed: sfcb 1.3.11).
type State uint16

// The states that matter here. A subscription that is disabled delivers nothing.
const (
	StateEnabled  State = 2
	StateDisabled State = 4
)

// String returns the state in words, such as "enabled".
func (s State) String() string {
	switch s {
	case 0:
		return "unknown"
	case 1:
		return "other"
	case StateEnabled:
		return "enabled"
	case 3:
		return "degraded"
	case StateDisabled:
		return "disabled"
	default:
		return fmt.Sprintf("state %d", uint16(s))
	}
}

func stateOf(subscription *cim.Instance) State {
	n, ok := subscription.Get("SubscriptionState").Uint64()
	if !ok || n > 0xffff {
		return 0
	}
	return State(n) // checked above
}

// The references of a subscription.
const (
	filterRole  = "Filter"
	handlerRole = "Handler"
)

// referenceOf returns what a subscription refers to, from the property or, where a server
// leaves that out, from the key.
func referenceOf(subscription *cim.Instance, role string) cim.ObjectPath {
	if p, ok := subscription.Get(role).Reference(); ok {
		return p
	}
	p, _ := subscription.Path.Key(role).Reference()
	return p
}

// refersTo reports whether a reference names the object at path. Servers write the keys
// of a reference in any order and case, may leave some out and add others, so only those
// count that both have, and Name must be one of them.
func refersTo(ref, path cim.ObjectPath) bool {
	if !cim.EqualNames(ref.Class, path.Class) || ref.KeyText("Name") == "" {
		return false
	}
	for _, k := range ref.Keys {
		if v := path.Key(k.Name); !v.IsNull() && !v.Equal(k.Value) {
			return false
		}
	}
	return path.KeyText("Name") == ref.KeyText("Name")
}

// describe joins a subscription with its filter and handler.
func (g registry) describe(inst *cim.Instance) Subscription {
	filter, handler := referenceOf(inst, filterRole), referenceOf(inst, handlerRole)
	s := Subscription{
		Path:        inst.Path,
		Owner:       ownerOfSubscription(inst),
		FilterName:  filter.KeyText("Name"),
		HandlerName: handler.KeyText("Name"),
		State:       stateOf(inst),
	}
	for _, f := range g.filters {
		if refersTo(filter, f.Path) {
			s.Query, s.Language, s.SourceNamespaces = f.Text("Query"), f.Text("QueryLanguage"), sourceNamespaces(f)
		}
	}
	for _, h := range g.handlers {
		if refersTo(handler, h.Path) {
			s.Destination = h.Text("Destination")
		}
	}
	return s
}

// ownerOfSubscription returns whose filter, or else whose handler, a subscription joins.
func ownerOfSubscription(inst *cim.Instance) string {
	if owner := ownerOf(referenceOf(inst, filterRole).KeyText("Name")); owner != "" {
		return owner
	}
	return ownerOf(referenceOf(inst, handlerRole).KeyText("Name"))
}

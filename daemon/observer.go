package daemon

import (
	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/subscriber"

	"github.com/cimwatch/cimwatch/event"
)

// Observer is told what a daemon does, as it does it. A nil function is not called. The
// functions are called from the daemon's goroutines, Answered from many at once, and
// hold up what called them.
type Observer struct {
	Answered   func(listener.Answer)                              // the listener answered a request
	Stepped    func(host string, step subscriber.Step)            // a subscription is about to be worked on
	Reconciled func(host string, report subscriber.Report)        // its subscriptions were looked at
	Host       func(HostStatus)                                   // after each look at a host
	Synced     func(host string, changes []inventory.Change)      // a host's inventory was read
	Applied    func(store.Entry, event.Event, []inventory.Change) // an indication was taken in by the inventory

	// Reread is called when an element that an alert told of was read again.
	Reread func(host string, element cim.ObjectPath, changes []inventory.Change)
}

func (o *Observer) step(host string, step subscriber.Step) {
	if o.Stepped != nil {
		o.Stepped(host, step)
	}
}

func (o *Observer) reconciled(host string, report subscriber.Report) {
	if o.Reconciled != nil {
		o.Reconciled(host, report)
	}
}

func (o *Observer) host(status HostStatus) {
	if o.Host != nil {
		o.Host(status)
	}
}

func (o *Observer) synced(host string, changes []inventory.Change) {
	if o.Synced != nil {
		o.Synced(host, changes)
	}
}

func (o *Observer) reread(host string, element cim.ObjectPath, changes []inventory.Change) {
	if o.Reread != nil {
		o.Reread(host, element, changes)
	}
}

func (o *Observer) applied(e store.Entry, ev event.Event, changes []inventory.Change) {
	if o.Applied != nil {
		o.Applied(e, ev, changes)
	}
}

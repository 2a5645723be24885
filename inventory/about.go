package inventory

import "github.com/cimwatch/cimwatch/event"

// IDOf returns the ID of the component that an event is about: the one that Apply asks its View
// for first. It is HostID when the event names no element.
func IDOf(e *event.Event) string {
	if e.Element.IsInstance() {
		return idOf(e.Element)
	}
	return HostID
}

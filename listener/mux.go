package listener

import (
	"context"
	"slices"
	"sync"

	"github.com/cimwatch/cimwatch/cim"
)

// Mux is a [Handler] that calls handlers by the class of the indication. The zero Mux is
// empty and ready for use.
//
// Only an indication's own class counts: a listener does not know the class hierarchy, so
// a handler for CIM_AlertIndication is not called for OMC_IpmiAlertIndication. The class
// "" stands for those that no other handler is registered for. An indication that nobody
// is registered for is taken as kept and dropped.
type Mux struct {
	mu       sync.RWMutex
	handlers map[string][]Handler // by folded class name; the slices are never changed in place
}

// Handle registers a handler for a class, whose name may be in any case. A class may have
// several; they are called one after the other in the order registered, and the first
// error is the answer. When the sender then sends again, all are called again.
func (m *Mux) Handle(class string, handler Handler) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.handlers == nil {
		m.handlers = make(map[string][]Handler)
	}
	name := cim.FoldName(class)
	old := m.handlers[name]
	m.handlers[name] = append(slices.Clip(old), handler)
}

// HandleFunc registers a function for a class, as Handle does.
func (m *Mux) HandleFunc(class string, f func(ctx context.Context, indication *Indication) error) {
	m.Handle(class, HandlerFunc(f))
}

// HandleIndication calls the handlers of the indication's class.
func (m *Mux) HandleIndication(ctx context.Context, indication *Indication) error {
	for _, h := range m.of(indication.Instance.Class) {
		if err := h.HandleIndication(ctx, indication); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mux) of(class string) []Handler {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if handlers, ok := m.handlers[cim.FoldName(class)]; ok {
		return handlers
	}
	return m.handlers[""]
}

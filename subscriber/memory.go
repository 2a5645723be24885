package subscriber

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// memory is what a Subscriber has learnt of its server. Servers write some of what they
// are told in a way of their own, and few say how long a subscription has left; without
// memory such objects would look altered in every run and be made anew for ever.
type memory struct {
	mu    sync.Mutex // several calls may run at once
	looks map[string]string
	born  map[pair]time.Time
}

func newMemory() *memory {
	return &memory{looks: map[string]string{}, born: map[pair]time.Time{}}
}

// looksAsMade reports whether a filter or handler reads as it did right after it was made.
func (m *memory) looksAsMade(inst *cim.Instance) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	made, ok := m.looks[nameOf(inst)]
	return ok && made == look(inst)
}

func (m *memory) keepLook(inst *cim.Instance) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks[nameOf(inst)] = look(inst)
}

// age returns how long ago this Subscriber made a subscription.
func (m *memory) age(p pair, now time.Time) (age time.Duration, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	born, ok := m.born[p]
	return now.Sub(born), ok
}

func (m *memory) keepBirth(p pair, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.born[p] = now
}

// look is what a filter or handler says of what it was made of.
func look(inst *cim.Instance) string {
	var b strings.Builder
	for _, name := range []string{"Query", "QueryLanguage", "SourceNamespace", "SourceNamespaces", "Destination"} {
		b.WriteString(inst.Get(name).String())
		b.WriteByte(0)
	}
	return b.String()
}

// readBack remembers how the filters and handlers read that this run made.
func (r *run) readBack(ctx context.Context) {
	r.readBackKind(ctx, kindFilter, r.listFilters)
	r.readBackKind(ctx, kindHandler, r.listHandlers)
}

func (r *run) readBackKind(ctx context.Context, kind string, list func(context.Context) ([]*cim.Instance, error)) {
	if r.broken || !r.madeAny(kind) {
		return
	}
	instances, err := list(ctx)
	if err != nil {
		r.fail(err)
		return
	}
	for _, inst := range instances {
		if o := r.objects[nameOf(inst)]; o != nil && o.made {
			r.memory.keepLook(inst)
		}
	}
}

func (r *run) madeAny(kind string) bool {
	for _, o := range r.objects {
		if o.made && o.kind == kind {
			return true
		}
	}
	return false
}

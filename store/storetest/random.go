package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// model is what an inventory should hold, in plain maps.
type model struct {
	hosts      map[string]inventory.Host
	components map[[2]string]inventory.Component
	changes    map[string][]inventory.Change // by host
	cursors    map[string]uint64
}

func (m *model) clone() *model {
	c := &model{maps.Clone(m.hosts), maps.Clone(m.components), map[string][]inventory.Change{}, maps.Clone(m.cursors)}
	for host, list := range m.changes {
		c.changes[host] = slices.Clone(list)
	}
	return c
}

// forget removes a host and all that is of it.
func (m *model) forget(host string) {
	delete(m.hosts, host)
	delete(m.changes, host)
	maps.DeleteFunc(m.components, func(key [2]string, _ inventory.Component) bool { return key[0] == host })
}

// state returns what should be shown.
func (m *model) state() state {
	w := state{Cursors: m.cursors}
	for _, name := range slices.Sorted(maps.Keys(m.hosts)) {
		w.Hosts = append(w.Hosts, m.hosts[name])
		w.History = append(w.History, m.changes[name]...)
		for _, c := range m.of(name) {
			if c.Removed.IsZero() {
				w.Components = append(w.Components, c)
			}
		}
	}
	return w
}

// of returns the components of a host, removed ones too.
func (m *model) of(host string) []inventory.Component {
	var list []inventory.Component
	for key, c := range m.components {
		if key[0] == host {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b inventory.Component) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) })
	return list
}

// walk does the same at random to an inventory and to a model.
type walk struct {
	*rand.Rand
	s    *subject
	next int // number of the next change
}

// testRandom compares an inventory with a model of it after random transactions, of which
// some fail. It prints where it started from.
func testRandom(s *subject) {
	seed := rand.Uint64()
	s.Logf("seed %d", seed)
	w := &walk{Rand: rand.New(rand.NewPCG(seed, 1)), s: s}
	m := &model{map[string]inventory.Host{}, map[[2]string]inventory.Component{}, map[string][]inventory.Change{}, map[string]uint64{}}
	for round := range 60 {
		after := m.clone()
		fails := w.IntN(4) == 0
		err := s.Update(s.Context(), func(tx store.InventoryTx) error {
			for range w.IntN(6) {
				if err := w.step(tx, after); err != nil {
					return err
				}
			}
			if fails {
				return errWanted
			}
			return nil
		})
		switch {
		case fails != errors.Is(err, errWanted) || !fails && err != nil:
			s.Fatalf("round %d: %v", round, err)
		case !fails:
			m = after
		}
		if w.IntN(10) == 0 {
			s.reopen()
		}
		if same(s, fmt.Sprintf("round %d", round), m.state(), s.state()); s.Failed() {
			return
		}
	}
}

// step does one thing to both.
func (w *walk) step(tx store.InventoryTx, m *model) error {
	host := pick(w.Rand, "a", "ab", "b")
	switch w.IntN(8) {
	case 0:
		name := pick(w.Rand, "c", "d")
		m.cursors[name] = uint64(w.IntN(Entries))
		return tx.SetCursor(name, m.cursors[name])
	case 1:
		name := pick(w.Rand, "c", "d")
		delete(m.cursors, name)
		return tx.DeleteCursor(name)
	case 2:
		h, err := tx.Host(host)
		want, known := m.hosts[host]
		if !known {
			want = inventory.Host{Name: host}
		}
		same(w.s, "host", want, h)
		h.LastSync = moment(w.IntN(100))
		m.hosts[host] = h
		return firstError(err, tx.PutHost(h))
	case 3:
		_, known := m.hosts[host]
		err := tx.Forget(host)
		if known != (err == nil) || !known && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("forget %s, which is known: %v: %w", host, known, err)
		}
		m.forget(host)
		return nil
	default:
		if _, known := m.hosts[host]; !known {
			m.hosts[host] = inventory.Host{Name: host}
		}
		_, err := tx.Apply(host, func(v inventory.View) inventory.Delta { return w.delta(v, m, host) })
		return err
	}
}

// delta compares the view of a host with the model, and changes both.
func (w *walk) delta(v inventory.View, m *model, host string) (d inventory.Delta) {
	if w.IntN(2) == 0 {
		same(w.s, "components of a view", m.of(host), slices.Collect(v.Components()))
	}
	for range w.IntN(4) {
		id := pick(w.Rand, "1", "2", "3", "4")
		got, ok := v.Component(id)
		want, there := m.components[[2]string{host, id}]
		if ok != there && len(d.Upserts)+len(d.Removes) == 0 {
			w.s.Errorf("component %s of %s: %v in the view, want %v", id, host, ok, there)
		} else if len(d.Upserts)+len(d.Removes) == 0 {
			same(w.s, "component of a view", want, got)
		}
		w.next++
		d.Changes = append(d.Changes, change(host, id, w.next))
		m.changes[host] = append(m.changes[host], change(host, id, w.next))
		if w.IntN(4) == 0 {
			d.Removes = append(d.Removes, id)
			continue
		}
		c := component(host, id, fmt.Sprint(w.next))
		if w.IntN(3) == 0 {
			c.Removed = moment(w.next)
		}
		d.Upserts = append(d.Upserts, c)
	}
	for _, c := range d.Upserts {
		m.components[[2]string{host, c.ID}] = c
	}
	for _, id := range d.Removes {
		delete(m.components, [2]string{host, id})
	}
	return d
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

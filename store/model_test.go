package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// model is what a store should hold, in plain maps.
type model struct {
	entries    []string          // contents, by number
	seen       map[string]string // sequence: the content that came last
	cursors    map[string]uint64
	components map[string]map[string]inventory.Component
	history    []inventory.Change
}

func (m *model) view(host string) modelView { return modelView{m.components[host]} }

type modelView struct {
	components map[string]inventory.Component
}

func (v modelView) Component(id string) (inventory.Component, bool) {
	c, ok := v.components[id]
	return c, ok
}

func (v modelView) Components() iter.Seq[inventory.Component] {
	return func(yield func(inventory.Component) bool) {
		for _, id := range slices.Sorted(maps.Keys(v.components)) {
			if !yield(v.components[id]) {
				return
			}
		}
	}
}

func (m *model) apply(host string, d inventory.Delta) {
	if m.components[host] == nil {
		m.components[host] = map[string]inventory.Component{}
	}
	for _, c := range d.Upserts {
		m.components[host][c.ID] = c
	}
	for _, id := range d.Removes {
		delete(m.components[host], id)
	}
	m.history = append(m.history, d.Changes...)
}

// machine does the same to a store and to its model.
type machine struct {
	path  string
	store *store.Store
	model model
}

func (m *machine) appendEntry(t *rapid.T) {
	context := rapid.SampledFrom([]string{"c1", "c2"}).Draw(t, "context")
	number := rapid.Int64Range(0, 6).Draw(t, "number")
	content := fmt.Sprintf("%s/%d/%v", context, number, rapid.Bool().Draw(t, "reset"))
	e := entry(number)
	e.Sequence, e.Raw = &event.Sequence{Context: context, Number: number}, []byte(content)
	got, duplicate, err := m.put(t, e)
	if err != nil {
		t.Fatal(err)
	}
	sequence := fmt.Sprintf("%s/%d", context, number)
	if known := m.model.seen[sequence]; duplicate != (known == content) {
		t.Fatalf("%s after %s: duplicate %v", content, known, duplicate)
	}
	if duplicate {
		return
	}
	if m.model.seen[sequence] != "" { // a reset: what was seen is of the former count
		maps.DeleteFunc(m.model.seen, func(s, _ string) bool { return s[:2] == context })
	}
	m.model.seen[sequence] = content
	m.model.entries = append(m.model.entries, content)
	if got != uint64(len(m.model.entries)) {
		t.Fatalf("number %d, want %d", got, len(m.model.entries))
	}
}

// put keeps an entry in one of the two ways.
func (m *machine) put(t *rapid.T, e store.Entry) (number uint64, duplicate bool, err error) {
	if !rapid.Bool().Draw(t, "intake") {
		return m.store.Append(t.Context(), e)
	}
	before := m.store.LastNumber()
	err = errors.Join(m.store.Keep(t.Context(), e), m.store.Flush(t.Context()))
	return m.store.LastNumber(), m.store.LastNumber() == before, err
}

func (m *machine) update(t *rapid.T) {
	host := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "host")
	number := rapid.Uint64Range(0, uint64(len(m.model.entries))).Draw(t, "cursor")
	var found []*cim.Instance
	for _, id := range rapid.SliceOfNDistinct(rapid.StringMatching("[1-4]"), 0, 4, rapid.ID[string]).Draw(t, "found") {
		found = append(found, fan(id, rapid.SampledFrom([]uint16{2, 3, 6}).Draw(t, "status")))
	}
	snapshot := inventory.Snapshot{Host: host, Instances: found, Started: start, Reason: inventory.Resync}
	fails := rapid.IntRange(0, 3).Draw(t, "fails") == 0
	err := m.store.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Apply(host, func(v inventory.View) inventory.Delta { return inventory.Sync(v, snapshot) })
		if err == nil && fails {
			err = os.ErrInvalid
		}
		return cmp.Or(err, tx.SetCursor(host, number))
	})
	if (err != nil) != fails {
		t.Fatal(err)
	}
	if !fails {
		m.model.apply(host, inventory.Sync(m.model.view(host), snapshot))
		m.model.cursors[host] = number
	}
}

func (m *machine) reopen(t *rapid.T) {
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(m.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.store = s
}

func (m *machine) compare(t *rapid.T) {
	var entries []string
	for e, err := range m.store.Read(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, string(e.Raw))
	}
	cursors := map[string]uint64{}
	for host := range m.model.cursors {
		var err error
		if cursors[host], err = m.store.Cursor(t.Context(), host); err != nil {
			t.Fatal(err)
		}
	}
	var components, history, wantComponents, wantHistory []string
	for c, err := range m.store.Components(t.Context(), "") {
		components = append(components, fmt.Sprint(c.Host, c.ID, c.Health, c.Properties, err))
	}
	for _, host := range []string{"a", "b"} {
		for c := range m.model.view(host).Components() {
			if c.Removed.IsZero() {
				wantComponents = append(wantComponents, fmt.Sprint(c.Host, c.ID, c.Health, c.Properties, nil))
			}
		}
		for c, err := range m.store.History(t.Context(), host, "") {
			history = append(history, fmt.Sprint(c.Host, c.ID, c.Kind, c.Property, c.Old, c.New, c.Health, err))
		}
		for _, c := range m.model.history {
			if c.Host == host {
				wantHistory = append(wantHistory, fmt.Sprint(c.Host, c.ID, c.Kind, c.Property, c.Old, c.New, c.Health, nil))
			}
		}
	}
	for _, diff := range []string{
		gocmp.Diff(m.model.entries, entries), gocmp.Diff(m.model.cursors, cursors),
		gocmp.Diff(wantComponents, components), gocmp.Diff(wantHistory, history),
	} {
		if diff != "" {
			t.Fatalf("(-model +store)\n%s", diff)
		}
	}
	if err := m.store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestStoreIsLikeItsModel(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		file, err := os.CreateTemp(dir, "*.db")
		if err != nil {
			t.Fatal(err)
		}
		m := &machine{path: file.Name(), model: model{
			seen: map[string]string{}, cursors: map[string]uint64{}, components: map[string]map[string]inventory.Component{},
		}}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if m.store, err = store.Open(m.path, nil); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := m.store.Close(); err != nil {
				t.Error(err)
			}
			if err := os.Remove(filepath.Clean(m.path)); err != nil {
				t.Error(err)
			}
		}()
		t.Repeat(map[string]func(*rapid.T){
			"append": m.appendEntry, "update": m.update, "reopen": m.reopen, "": func(*rapid.T) {},
		})
		m.compare(t)
	})
}

package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/query"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// put keeps components of a host as they are, and forgets others.
func put(t testing.TB, s *store.Store, host string, components []inventory.Component, removes ...string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Apply(host, func(inventory.View) inventory.Delta {
			return inventory.Delta{Upserts: components, Removes: removes}
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Values that drawn components have and drawn queries ask for.
var (
	drawnHosts   = []string{"a", "b1", "B2", "c"}
	drawnKinds   = []inventory.Kind{inventory.KindDisk, inventory.KindFan, inventory.KindMemoryModule}
	drawnVendors = []string{"", "Dell Inc.", "DELL", "Seagate\x00X", strings.Repeat("long", 20)}
	drawnSerials = []string{"", "S1", "s12", "S2", "ÄÖ", strings.Repeat("9", 80), strings.Repeat("9", 70)}
)

// Conditions that drawn queries have, of which the last ones look at the whole instance.
var drawnConditions = []string{
	"Capacity > 1", "capacity = 2 AND Label LIKE '9%'", "Status[1] = 7 OR Missing = 1", "NOT Label = 'S1'", "Missing IS NULL",
	"CIM_Thing ISA CIM_Thing", "CIM_Thing = CIM_Thing AND Capacity < 3",
}

// opaque is a condition that does not say which properties it looks at.
type opaque struct{ inventory.Predicate }

func drawComponent(t *rapid.T, host string) inventory.Component {
	c := inventory.Component{
		Host: host, ID: fmt.Sprint("c", rapid.IntRange(0, 11).Draw(t, "id")), Class: "CIM_Thing",
		Kind: rapid.SampledFrom(drawnKinds).Draw(t, "kind"), Health: inventory.Health(rapid.IntRange(0, 4).Draw(t, "health")),
		Vendor: rapid.SampledFrom(drawnVendors).Draw(t, "vendor"), Serial: rapid.SampledFrom(drawnSerials).Draw(t, "serial"),
		Part: rapid.SampledFrom(drawnSerials).Draw(t, "part"), Name: "N", Properties: cim.PropertyMap{
			cim.Prop("Label", cim.String(rapid.SampledFrom(drawnSerials).Draw(t, "label"))), cim.Prop("Status", cim.Uint16s(2, 7)),
			cim.Prop("Capacity", cim.Uint64(rapid.Uint64Range(1, 3).Draw(t, "capacity"))),
		},
	}
	if rapid.IntRange(0, 4).Draw(t, "removed") == 0 {
		c.Removed = start
	}
	return c
}

// drawUpdates changes a store at random, components that come again among them.
func drawUpdates(t *rapid.T, tb testing.TB, s *store.Store) {
	for range rapid.IntRange(1, 8).Draw(t, "updates") {
		host := rapid.SampledFrom(drawnHosts).Draw(t, "host")
		var components []inventory.Component
		for range rapid.IntRange(0, 8).Draw(t, "components") {
			components = append(components, drawComponent(t, host))
		}
		put(tb, s, host, components, rapid.SliceOfN(rapid.SampledFrom([]string{"c1", "c2", "c3"}), 0, 2).Draw(t, "removes")...)
	}
}

func drawQuery(t *rapid.T) inventory.Query {
	var q inventory.Query
	for _, p := range []struct {
		name   string
		values []string
	}{
		{"host", []string{"a", "b*", "?", "none", "*", "a,c"}}, {"kind", []string{"disk", "fan,disk", "battery"}},
		{"health", []string{"ok", "critical", "warning,critical", "absent,unknown"}}, {"worse-than", []string{"ok", "warning", "unknown"}},
		{"vendor", []string{"dell*", "dell", "*", "sea*", "seagate", strings.Repeat("long", 20), strings.Repeat("LONG", 17) + "*"}},
		{"serial", []string{"s1*", "s1", "äö", strings.Repeat("9", 70), strings.Repeat("9", 64) + "*", "?1"}}, {"part", []string{"s*"}},
		{"sort", []string{"-health", "serial,-vendor", "-host"}}, {"limit", []string{"1", "3", "7"}}, {"text", []string{"9", "n"}},
	} {
		if rapid.IntRange(0, 4).Draw(t, p.name+"?") == 0 {
			if err := q.Set(p.name, rapid.SampledFrom(p.values).Draw(t, p.name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "where?") == 0 {
		where, err := query.ParseWhere("DMTF:CQL", rapid.SampledFrom(drawnConditions).Draw(t, "where"))
		if err != nil {
			t.Fatal(err)
		}
		q.Where = where
		if rapid.Bool().Draw(t, "opaque") {
			q.Where = opaque{where}
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "after?") == 0 {
		place := q.Place(&inventory.Component{Host: "b1", ID: "c3", Vendor: "DELL", Serial: "S12", Health: inventory.OK})
		q.After = &place
	}
	return q
}

// found tells what a sequence has, with all fields.
func found(t testing.TB, q inventory.Query, s *store.Store, scan bool) []string {
	t.Helper()
	all := s.Find(t.Context(), q)
	if scan {
		all = q.Select(s.Components(t.Context(), ""))
	}
	var list []string
	for _, c := range storetest.Collect(t, all) {
		list = append(list, fmt.Sprintf("%s/%s %s %v %q %q %q %v", c.Host, c.ID, c.Kind, c.Health, c.Vendor, c.Part, c.Serial, c.Properties))
	}
	return list
}

// What Find returns for any query is what picking it out of all components returns; the
// indexes are those that an upgrade makes of the components.
func TestFindIsLikeScanning(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		path := filepath.Join(dir, fmt.Sprint(round))
		s, err := store.Open(path, nil)
		if err != nil {
			rt.Fatal(err)
		}
		drawUpdates(rt, t, s)
		queries := rapid.SliceOfN(rapid.Custom(drawQuery), 1, 8).Draw(rt, "queries")
		for _, q := range queries {
			if diff := gocmp.Diff(found(t, q, s, true), found(t, q, s, false)); diff != "" {
				rt.Fatalf("%v (-scanned +found)\n%s", q.Parameters(), diff)
			}
		}
		if err := s.Check(t.Context()); err != nil {
			rt.Fatal(err)
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		kept := indexesOf(t, path)
		edit(t, path, dropIndexes)
		reader, err := store.Open(path, &store.Options{ReadOnly: true})
		if err != nil {
			rt.Fatal(err)
		}
		for _, q := range queries {
			if diff := gocmp.Diff(found(t, q, reader, true), found(t, q, reader, false)); diff != "" {
				rt.Fatalf("without indexes: %v (-scanned +found)\n%s", q.Parameters(), diff)
			}
		}
		if err := reader.Close(); err != nil {
			rt.Fatal(err)
		}
		if s, err = store.Open(path, nil); err != nil {
			rt.Fatal(err)
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		if diff := gocmp.Diff(kept, indexesOf(t, path)); diff != "" {
			rt.Fatalf("(-kept +rebuilt)\n%s", diff)
		}
	})
}

var indexBuckets = []string{"by-health", "by-kind", "by-vendor", "by-serial", "by-part", "summaries"}

// dropIndexes makes a file one of format 2.
func dropIndexes(tx *bbolt.Tx) error {
	if err := asFormat3(tx); err != nil {
		return err
	}
	for _, name := range indexBuckets {
		if err := tx.DeleteBucket([]byte(name)); err != nil {
			return err
		}
	}
	return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, 2})
}

// indexesOf returns what the indexes and summaries of a file have.
func indexesOf(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	edit(t, path, func(tx *bbolt.Tx) error {
		for _, name := range indexBuckets {
			err := tx.Bucket([]byte(name)).ForEach(func(k, v []byte) error {
				all = append(all, fmt.Sprintf("%s %q %q", name, k, v))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return all
}

// things returns components of a host that differ in their IDs.
func things(host string, count int) []inventory.Component {
	all := make([]inventory.Component, count)
	for n := range all {
		all[n] = inventory.Component{
			Host: host, ID: fmt.Sprintf("t%06d", n), Kind: inventory.KindFan, Health: inventory.Health(n % 5), Vendor: "V", Serial: fmt.Sprint(n),
		}
	}
	return all
}

// What more components fit than an index is followed for is read in order all the same.
func TestFindOfMostComponents(t *testing.T) {
	s := open(t, nil)
	for n := range 35 { // a transaction of all would take minutes
		host := fmt.Sprintf("h%02d", n)
		put(t, s, host, things(host, 2000))
	}
	q := inventory.Query{Kinds: []inventory.Kind{inventory.KindFan}, Vendors: []inventory.Pattern{"v"}}
	if n := len(storetest.Collect(t, s.Find(t.Context(), q))); n != 70_000 {
		t.Errorf("found %d of 70,000", n)
	}
	q.Limit, q.Sort = 2, []inventory.Order{{Key: "health", Descending: true}}
	if got := found(t, q, s, false); len(got) != 2 || !strings.HasPrefix(got[1], "h00/t000009 fan critical") {
		t.Error(got)
	}
}

func TestFindErrors(t *testing.T) {
	s := open(t, nil)
	put(t, s, "h", things("h", 1))
	for _, err := range s.Find(t.Context(), inventory.Query{Limit: -1}) {
		if err == nil || err.Error() != "find components: the limit is -1: give 1 or more, or 0 for all" {
			t.Error(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, sort := range [][]inventory.Order{nil, {{Key: "name"}}} {
		count := 0
		for _, err := range s.Find(t.Context(), inventory.Query{Sort: sort}) {
			if count++; err == nil {
				t.Error("a closed store finds something")
			}
		}
		if count != 1 {
			t.Errorf("%d errors", count)
		}
	}
}

func TestSummary(t *testing.T) {
	s := open(t, nil)
	of := func(host string) string {
		summary, err := s.Summary(t.Context(), host)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(summary, summary.ByHealth(), summary.Worst())
	}
	put(t, s, "h", things("h", 7))
	put(t, s, "h2", things("h2", 1))
	if got := of("h"); got != "[{fan unknown 2} {fan absent 2} {fan ok 1} {fan warning 1} {fan critical 1}] map[unknown:2 absent:2 ok:1 warning:1 critical:1] critical" {
		t.Error(got)
	}
	changed := things("h", 5)
	changed[4].Health, changed[3].Removed, changed[2].Kind = inventory.OK, start, inventory.KindDisk
	put(t, s, "h", changed, "t000000", "t000001", "nothing")
	if got := of("h"); got != "[{disk ok 1} {fan unknown 1} {fan absent 1} {fan ok 1}] map[unknown:1 absent:1 ok:2] ok" {
		t.Error(got)
	}
	var all []string
	for _, c := range things("h", 7) {
		all = append(all, c.ID)
	}
	put(t, s, "h", nil, all...)
	if got := of("h") + of("h3"); got != "[] map[] unknown[] map[] unknown" {
		t.Error(got)
	}
	if got := of("h2"); !strings.HasPrefix(got, "[{fan unknown 1}]") {
		t.Error(got)
	}
}

package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// Same fails the test unless two inventories say the same, letter for letter, by all that
// [store.Inventory] reads but for cursors.
func Same(t testing.TB, want, got store.Inventory) {
	t.Helper()
	wanted, have := told(t, want), told(t, got)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(wanted)), slices.Sorted(maps.Keys(have))); diff != "" {
		t.Fatalf("what is asked for (-want +got):\n%s", diff)
	}
	for question, answer := range wanted {
		if !slices.EqualFunc(answer, have[question], bytes.Equal) {
			t.Errorf("%s: %d records, want %d, or they are otherwise", question, len(have[question]), len(answer))
		}
	}
}

// told asks an inventory for everything, and returns the records by what was asked.
func told(t testing.TB, kept store.Inventory) map[string][][]byte {
	t.Helper()
	ctx := t.Context()
	all := map[string][][]byte{}
	components := func(question string, list iter.Seq2[inventory.Component, error]) {
		t.Helper()
		all[question] = nil
		for _, c := range Collect(t, list) {
			all[question] = append(all[question], store.EncodeComponent(&c))
		}
	}
	changes := func(question, host, id string) {
		t.Helper()
		all[question] = nil
		for _, c := range Collect(t, kept.History(ctx, host, id)) {
			all[question] = append(all[question], store.EncodeChange(&c))
		}
	}
	hosts, err := kept.Hosts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	components("components", kept.Components(ctx, ""))
	changes("history", "", "")
	for n, q := range []inventory.Query{
		{}, {AtLeast: inventory.Warning}, {Kinds: []inventory.Kind{inventory.KindFan}, Limit: 7}, {Text: "a"},
		{Sort: []inventory.Order{{Key: "health", Descending: true}, {Key: "name"}}, Limit: 50},
	} {
		components(fmt.Sprint("query ", n), kept.Find(ctx, q))
	}
	for i := range hosts {
		name := hosts[i].Name
		all["hosts"] = append(all["hosts"], store.EncodeHost(&hosts[i]))
		components("components of "+name, kept.Components(ctx, name))
		components("removed of "+name, kept.Removed(ctx, name))
		changes("history of "+name, name, "")
		summary, err := kept.Summary(ctx, name)
		all["summary of "+name] = [][]byte{fmt.Appendf(nil, "%+v", summary)}
		for id := range idsOf(t, kept, name) {
			changes("history of "+id+" of "+name, name, id)
			c, cerr := kept.Component(ctx, name, id)
			if cerr != nil && !errors.Is(cerr, store.ErrNotFound) {
				t.Fatal(cerr)
			}
			all["component "+id+" of "+name] = [][]byte{store.EncodeComponent(&c)}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// idsOf returns the IDs of all components that a host has, or had.
func idsOf(t testing.TB, kept store.Inventory, host string) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, c := range Collect(t, kept.Components(t.Context(), host)) {
		ids[c.ID] = true
	}
	for _, c := range Collect(t, kept.Removed(t.Context(), host)) {
		ids[c.ID] = true
	}
	for _, c := range Collect(t, kept.History(t.Context(), host, "")) {
		ids[c.ID] = true
	}
	return ids
}

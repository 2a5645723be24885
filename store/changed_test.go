package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// A transaction sees what it has done to components, in whatever order, though it writes
// them in the end; and when it fails nothing has happened.
func TestTransactionSeesItsComponents(t *testing.T) {
	s := open(t, nil)
	take(t, s, "a", fan("1", 2), fan("2", 2))
	gone := errors.New("gone")
	for _, fails := range []bool{true, false} {
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			apply(t, tx, upsert("a", "x", "one"), func(inventory.View) {})
			apply(t, tx, upsert("a", "x", "two"), func(v inventory.View) {
				if c, ok := v.Component("x"); !ok || c.Name != "one" {
					t.Errorf("it is %q, %v", c.Name, ok)
				}
			})
			apply(t, tx, inventory.Delta{Removes: []string{idOf(fan("1", 2))}}, func(v inventory.View) {
				if names := namesIn(v); names != "Fan 1, Fan 2, two" {
					t.Errorf("there are %s", names)
				}
			})
			apply(t, tx, inventory.Delta{Removes: []string{"never"}}, func(v inventory.View) {
				if c, ok := v.Component(idOf(fan("1", 2))); ok {
					t.Errorf("%s is there", c.Name)
				}
				if names := namesIn(v); names != "Fan 2, two" {
					t.Errorf("there are %s", names)
				}
			})
			if fails {
				return gone
			}
			return nil
		})
		if fails != errors.Is(err, gone) {
			t.Fatal(err)
		}
		want := "a Fan 2 ok, a two unknown"
		if fails {
			want = "a Fan 1 ok, a Fan 2 ok"
		}
		if got := names(storetest.Collect(t, s.Components(t.Context(), "a"))); got != want {
			t.Errorf("after it there are %s, want %s", got, want)
		}
	}
}

// More components than a transaction keeps in memory are all written.
func TestTransactionOfManyComponents(t *testing.T) {
	s := open(t, nil)
	const many = 10_000
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for n := range many {
			apply(t, tx, upsert("a", fmt.Sprint(n), "first"), func(inventory.View) {})
			apply(t, tx, upsert("a", fmt.Sprint(n/2), "second"), func(v inventory.View) {
				if _, ok := v.Component(fmt.Sprint(n / 2)); !ok {
					t.Errorf("%d is not there", n/2)
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := storetest.Collect(t, s.Components(context.Background(), "a"))
	second := slices.DeleteFunc(slices.Clone(all), func(c inventory.Component) bool { return c.Name != "second" })
	if len(all) != many || len(second) != many/2 {
		t.Errorf("%d components, %d of them changed again", len(all), len(second))
	}
}

// What a transaction is told of beforehand changes nothing of what it sees.
func TestTransactionTakesIn(t *testing.T) {
	s := open(t, nil)
	var instances []store.Taken
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for n := range 600 {
			apply(t, tx, upsert("a", fmt.Sprint(n), "first"), func(inventory.View) {})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	take(t, s, "a", fan("1", 2))
	for n := range 600 {
		element := fan(fmt.Sprint(n%3), 2).Path
		instances = append(instances, store.Taken{Entry: &store.Entry{Number: uint64(n)}, Event: &event.Event{Host: "a", Element: element}})
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		apply(t, tx, inventory.Delta{Removes: []string{idOf(fan("1", 2))}}, func(inventory.View) {})
		if err := tx.TakeIn(append(instances, store.Taken{Entry: &store.Entry{}})); err != nil {
			return err
		}
		apply(t, tx, inventory.Delta{}, func(v inventory.View) {
			if _, ok := v.Component(idOf(fan("1", 2))); ok {
				t.Error("what was removed is there again")
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func upsert(host, id, name string) inventory.Delta {
	return inventory.Delta{Upserts: []inventory.Component{{Host: host, ID: id, Name: name, FirstSeen: time.Unix(1, 0)}}}
}

func apply(t *testing.T, tx *store.Tx, d inventory.Delta, look func(inventory.View)) {
	t.Helper()
	_, err := tx.Apply("a", func(v inventory.View) inventory.Delta {
		look(v)
		return d
	})
	if err != nil {
		t.Fatal(err)
	}
}

func namesIn(v inventory.View) string {
	var all []string
	for c := range v.Components() {
		all = append(all, c.Name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

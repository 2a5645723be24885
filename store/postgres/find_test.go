package postgres_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// put adds components to a host.
func put(t *testing.T, s *postgres.Inventory, host string, components []inventory.Component) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply(host, func(inventory.View) inventory.Delta { return inventory.Delta{Upserts: components} })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFindHoldsPlaces sorts many components: what is held of them is far less than they are, and
// each comes in its turn.
func TestFindHoldsPlaces(t *testing.T) {
	s := open(t, database(t), nil)
	const hosts, each, size = 4, 500, 4000
	for h := range hosts {
		var all []inventory.Component
		for n := range each {
			c := inventory.Component{Host: fmt.Sprint("esx", h), ID: fmt.Sprintf("c%03d", n), Kind: "fan", Name: fmt.Sprintf("%03d-%d", each-n, h)}
			c.Properties = append(c.Properties, cim.Prop("Notes", cim.String(strings.Repeat("x", size))))
			all = append(all, c)
		}
		put(t, s, all[0].Host, all)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var names []string
	for c, err := range s.Find(t.Context(), inventory.Query{Sort: []inventory.Order{{Key: "name"}}}) {
		if err != nil {
			t.Fatal(err)
		}
		if names = append(names, c.Name); len(names) == 1 {
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
	}
	if len(names) != hosts*each || !slices.IsSorted(names) {
		t.Errorf("%d components, sorted %v", len(names), slices.IsSorted(names))
	}
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > hosts*each*size/2 {
		t.Errorf("%d KiB are held of components of %d KiB", held>>10, hosts*each*size>>10)
	}
}

// TestFindSerial has the database pick by serial number, in any case, as a pattern is defined.
func TestFindSerial(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	var all []inventory.Component
	for n, serial := range []string{"4ak7", "4AK7", "4A\u212a7", "4ak70", "4a\u00e97", "\u0130x", "", "4a k7"} {
		all = append(all, inventory.Component{Host: "Esx1", ID: fmt.Sprint(n), Kind: "fan", Serial: serial})
	}
	put(t, s, "Esx1", all)
	other := inventory.Component{Host: "esx2", ID: "x", Kind: "fan", Serial: "4AK7"}
	put(t, s, "esx2", []inventory.Component{other})
	all = append(all, other)
	for _, q := range []inventory.Query{
		{Serials: []inventory.Pattern{"4aK7"}}, {Serials: []inventory.Pattern{"4A\u00c97", "ix"}}, {Serials: []inventory.Pattern{"iX", "4a k7"}},
		{Serials: []inventory.Pattern{"4ak7*"}}, {Serials: []inventory.Pattern{""}}, {Serials: []inventory.Pattern{"4ak7\x00"}},
		{Hosts: []inventory.Pattern{"eSX1"}}, {Hosts: []inventory.Pattern{"esx?"}, Serials: []inventory.Pattern{"4ak7"}}, {Hosts: []inventory.Pattern{"none"}},
	} {
		for _, q.Sort = range [][]inventory.Order{nil, {{Key: "serial"}}} {
			var got, want []string
			for c, err := range s.Find(t.Context(), q) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, c.Host+" "+c.ID)
			}
			for i := range all {
				if q.Match(&all[i]) {
					want = append(want, all[i].Host+" "+all[i].ID)
				}
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%+v: got %v, want %v", q, got, want)
			}
		}
	}
}

// TestSerialIndex has the planner use the index for serial numbers.
func TestSerialIndex(t *testing.T) {
	url := database(t)
	open(t, url, nil)
	conn := pgtest.Connect(t, url)
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "EXPLAIN SELECT FROM cimwatch_data.components WHERE NOT is_removed AND cimwatch_data.folded(serial) = ANY('{4ak7}')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if !strings.Contains(plan, "components_folded_serial") {
		t.Errorf("the plan is\n%s", plan)
	}
}

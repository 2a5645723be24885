package storetest

import (
	"context"
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// FilledHosts is how many hosts Fill makes, and FilledHost one of them.
const (
	FilledHosts = 9
	FilledHost  = "esx1"
)

// Fill gives an inventory some of everything that one can hold: hosts whose names begin alike, one with
// nothing but its name, removed components, odd texts, conditions, relations and histories, one of
// which is long.
func Fill(ctx context.Context, kept store.Inventory) error {
	return kept.Update(ctx, func(tx store.InventoryTx) error {
		for n, name := range []string{FilledHost, "esx10", "ESX1", "esx", "日本", "a b\xff", "long"} {
			if err := fillHost(tx, name, n); err != nil {
				return err
			}
		}
		for n := range 2500 {
			d := inventory.Delta{Changes: []inventory.Change{change("long", fmt.Sprint(n%7), n)}}
			if n%3 == 0 {
				d.Upserts = []inventory.Component{component("long", fmt.Sprintf("x%04d", n), "long")}
			}
			if err := apply(tx, "long", d); err != nil {
				return err
			}
		}
		return firstError(apply(tx, "plain", inventory.Delta{}), tx.PutHost(inventory.Host{Name: "stateful", URL: "https://h", Error: "odd \x00 text"}))
	})
}

// fillHost makes a host with components of all kinds.
func fillHost(tx store.InventoryTx, name string, n int) error {
	gone := component(name, "gone", "")
	gone.Removed = moment(n)
	odd := component(name, "odd\x00id\xff", "\x00")
	odd.Vendor, odd.Serial, odd.Part, odd.Health, odd.Kind = "ACME", fmt.Sprint("S", n), "P", inventory.Critical, inventory.KindDisk
	odd.Conditions = []inventory.Condition{{Key: "k", Text: "T\x00", Count: 2, Since: moment(1), Cause: inventory.Cause{Reason: "indication", Class: "C", Entry: 4}}}
	odd.Cleared = []inventory.Condition{{Key: "c", Ended: moment(2)}}
	odd.Relations = []inventory.Relation{{Kind: inventory.Cools, ID: "0001"}}
	appeared := change(name, "0001", 0)
	appeared.Kind, appeared.Instance = inventory.Appeared, cim.NewInstance("CIM_Fan", cim.Prop("N", cim.Uint64(1<<63)))
	d := inventory.Delta{
		Upserts: []inventory.Component{component(name, "0001", "a"), gone, odd, component(name, "0002", "b")},
		Changes: []inventory.Change{appeared, change(name, "forgotten", 3), change(name, "0001", 2), change(name, "gone", 1)},
	}
	h := inventory.Host{Name: name, URL: "https://" + name, Subscription: "subscribed", FirstSeen: moment(0), LastSync: moment(n)}
	return firstError(tx.PutHost(h), apply(tx, name, d))
}

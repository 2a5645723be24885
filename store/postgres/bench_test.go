package postgres_test

import (
	"fmt"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
	"github.com/cimwatch/cimwatch/store/storetest"
)

const (
	benchHosts      = 100
	benchComponents = 40 // of each host, with the properties of an ESXi host's sensors
	benchBatch      = 256
)

func benchFan(n int) *cim.Instance {
	i := fan(fmt.Sprint(n), 2)
	for p := range 24 {
		i.Properties = append(i.Properties, cim.Prop(fmt.Sprintf("Property%d", p), cim.String(fmt.Sprint("value ", p))))
	}
	return i
}

// BenchmarkTake takes in alerts as the daemon does, 256 in a transaction with its sync, in a file
// and in a database whose server syncs, too. It prints updates a second of each, and how many times
// those of the database the file does: run it when nothing else runs.
//
//	go test -run '^$' -bench Take -benchtime 100x ./store/postgres
func BenchmarkTake(b *testing.B) {
	if missing != nil {
		b.Skip(missing)
	}
	rates := map[string]float64{}
	for _, of := range []struct {
		name string
		open func(b *testing.B) store.Inventory
	}{{"file", openBenchFile}, {"postgres", openBenchDatabase}} {
		b.Run(of.name, func(b *testing.B) {
			s := of.open(b)
			fillBench(b, s)
			batches := make([][]event.Event, 0, b.N)
			for n := range b.N {
				batches = append(batches, benchEvents(n))
			}
			b.ResetTimer()
			for _, batch := range batches {
				if err := takeTo(b.Context(), s, batch, 1); err != nil { // the file's journal has one entry
					b.Fatal(err)
				}
			}
			rates[of.name] = float64(b.N*benchBatch) / b.Elapsed().Seconds()
			b.ReportMetric(rates[of.name], "updates/s")
		})
	}
	if rates["postgres"] > 0 {
		fmt.Printf("ratio inventory-file-of-postgres %.1f\n", rates["file"]/rates["postgres"])
	}
}

// benchEvents returns the n-th batch, of alerts about components in turn.
func benchEvents(n int) []event.Event {
	list := make([]event.Event, benchBatch)
	for i := range list {
		number := n*benchBatch + i + 1
		host := fmt.Sprintf("host%d", number%benchHosts)
		list[i] = alert(number, host, fan(fmt.Sprint(number/benchHosts%benchComponents), 2))
		if number/(benchHosts*benchComponents)%2 == 1 {
			list[i].Action = event.ActionClear
		}
	}
	return list
}

func fillBench(b *testing.B, s store.Inventory) {
	b.Helper()
	var found []*cim.Instance
	for n := range benchComponents {
		found = append(found, benchFan(n))
	}
	for h := range benchHosts {
		host := fmt.Sprintf("host%d", h)
		err := s.Update(b.Context(), func(tx store.InventoryTx) error {
			_, err := tx.Apply(host, func(v inventory.View) inventory.Delta {
				return inventory.Sync(v, inventory.Snapshot{Host: host, Instances: found, Started: start.Add(-1), Reason: inventory.FirstSync})
			})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func openBenchFile(b *testing.B) store.Inventory {
	b.Helper()
	s := storetest.Open(b, nil)
	if _, _, err := s.Append(b.Context(), store.Entry{Received: start, Host: "host0", Raw: []byte("alert")}); err != nil {
		b.Fatal(err)
	}
	return s.Inventory()
}

func openBenchDatabase(b *testing.B) store.Inventory {
	b.Helper()
	durable := pgtest.New(b, pgtest.Options{Durable: true})
	return open(b, makeDatabase(b, durable), &postgres.Options{})
}

package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// BenchmarkFleet measures the inventory of many hosts with a hundred components each, and
// prints a line for each figure:
//
//	CIMWATCH_STORE_HOSTS=10000 go test -run '^$' -bench Fleet -benchtime 1x -timeout 1h ./store
//
// CIMWATCH_STORE_HOSTS is the number of hosts, 1,000 when it is not set.
func BenchmarkFleet(b *testing.B) {
	if b.N > 1 {
		b.Skip("it is measured once: -benchtime 1x")
	}
	hosts := 1000
	if text := os.Getenv("CIMWATCH_STORE_HOSTS"); text != "" {
		var err error
		if hosts, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "cimwatch.db")
	s, err := store.Open(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	measureFirstSyncs(b, s, hosts)
	measureResync(b, s, hosts)
	measureUpdates(b, s, hosts)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	s = measureOpenFleet(b, path)
	measureQueries(b, s, hosts)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	measureUpgrade(b, path, hosts)
}

const fleetComponents = 100 // of a host

// fleetHost returns what a host of the fleet has.
func fleetHost(host int) []*cim.Instance {
	found := make([]*cim.Instance, fleetComponents)
	for n := range found {
		found[n] = fleetComponent(host, n)
	}
	return found
}

// fleetComponent returns a component of a host. One in a thousand of all is critical.
func fleetComponent(host, n int) *cim.Instance {
	class := []string{"CIM_Fan", "CIM_NumericSensor", "CIM_PhysicalMemory", "CIM_PowerSupply", "VMware_StorageExtent"}[n%5]
	number, state := host*fleetComponents+n, uint16(5)
	if number%1000 == 7 {
		state = 25
	}
	i := cim.NewInstance(class,
		cim.Prop("CreationClassName", cim.String(class)), cim.Prop("DeviceID", cim.String(fmt.Sprint(n))),
		cim.Prop("SystemName", cim.String(fleetName(host))), cim.Prop("ElementName", cim.String(fmt.Sprintf("Component %d of a host", n))),
		cim.Prop("HealthState", cim.Uint16(state)), cim.Prop("OperationalStatus", cim.Uint16s(2)), cim.Prop("EnabledState", cim.Uint16(2)),
		cim.Prop("Manufacturer", cim.String([]string{"Dell Inc.", "Samsung", "SEAGATE", "Broadcom / LSI"}[n%4])),
		cim.Prop("PartNumber", cim.String(fmt.Sprintf("M393A4K40DB2-%03d", n%37))), cim.Prop("SerialNumber", cim.String(fleetSerial(number))),
		cim.Prop("Capacity", cim.Uint64(uint64(n%4)<<33)), cim.Prop("MaxCapacity", cim.Uint64(1<<40)),
	)
	i.Path = cim.InstancePath("root/cimv2", class, cim.Key{Name: "DeviceID", Value: cim.String(fmt.Sprint(n))})
	return i
}

// fleetSerial returns serial numbers in no order.
func fleetSerial(number int) string { return fmt.Sprintf("%08X", number*2654435761%(1<<32)) }

func fleetName(host int) string { return fmt.Sprintf("esx%05d.example.com", host) }

// syncFleet takes in readings of some hosts in one transaction.
func syncFleet(b *testing.B, s *store.Store, hosts ...int) {
	b.Helper()
	err := s.Update(b.Context(), func(tx *store.Tx) error {
		for _, host := range hosts {
			found := fleetHost(host)
			_, err := tx.Apply(fleetName(host), func(v inventory.View) inventory.Delta {
				return inventory.Sync(v, inventory.Snapshot{Host: fleetName(host), Instances: found, Started: start, Reason: inventory.FirstSync})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// measureFirstSyncs fills the store, ten hosts a transaction, and compares the last hosts
// with the first ones.
func measureFirstSyncs(b *testing.B, s *store.Store, hosts int) {
	b.Helper()
	const batch = 10
	var times []time.Duration
	began := time.Now()
	for host := 0; host < hosts; host += batch {
		var some []int
		for n := host; n < min(host+batch, hosts); n++ {
			some = append(some, n)
		}
		at := time.Now()
		syncFleet(b, s, some...)
		times = append(times, time.Since(at))
	}
	took := time.Since(began)
	size, err := s.Size()
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("first syncs of %d hosts x %d components in %v, %.0f components/s; %.0f B a component in the file\n",
		hosts, fleetComponents, took.Round(time.Millisecond), float64(hosts*fleetComponents)/took.Seconds(), float64(size)/float64(hosts*fleetComponents))
	tenth := max(len(times)/10, 1)
	goal("store-first-sync-last-tenth-of-first", median(times[len(times)-tenth:]).Seconds()/median(times[:tenth]).Seconds(), 2)
}

// measureResync reads one host of all again, in which nothing or one thing has changed, and
// the only host of another store.
func measureResync(b *testing.B, s *store.Store, hosts int) {
	b.Helper()
	alone := open(b, nil)
	defer func() {
		if err := alone.Close(); err != nil {
			b.Fatal(err)
		}
	}()
	syncFleet(b, alone, 0)
	const rounds = 21
	var fleet, one []time.Duration
	for n := range rounds {
		host := n * hosts / rounds
		began := time.Now()
		syncFleet(b, s, host)
		fleet = append(fleet, time.Since(began))
		began = time.Now()
		syncFleet(b, alone, 0)
		one = append(one, time.Since(began))
	}
	fmt.Printf("re-sync of a host: %v among %d, %v alone\n", median(fleet), hosts, median(one))
	goal("store-resync-of-alone-at-most", median(fleet).Seconds()/median(one).Seconds(), 1.5)
}

// measureUpdates changes the health of components here and there, a hundred a transaction, as
// the daemon takes in a burst of indications.
func measureUpdates(b *testing.B, s *store.Store, hosts int) {
	b.Helper()
	const transactions, changes = 50, 100
	began := time.Now()
	for n := range transactions {
		number := n / 2 * changes * 7919 // what one makes worse, the next makes well
		err := s.Update(b.Context(), func(tx *store.Tx) error {
			for range changes {
				number += 7919
				host := number % hosts
				i := fleetComponent(host, number%fleetComponents)
				i.Set("HealthState", cim.Uint16([]uint16{10, 5}[n%2]))
				_, err := tx.Apply(fleetName(host), func(v inventory.View) inventory.Delta {
					return inventory.Apply(v, event.Event{
						Host: fleetName(host), Kind: event.KindModified, Element: i.Path, Source: i,
						Time: start.Add(time.Duration(n) * time.Hour), Received: start.Add(time.Duration(n) * time.Hour),
					})
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	fmt.Printf("%d changes of health, %d a transaction: %.0f/s\n", transactions*changes, changes, float64(transactions*changes)/time.Since(began).Seconds())
}

func measureOpenFleet(b *testing.B, path string) *store.Store {
	b.Helper()
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	before := memory.HeapAlloc
	var times []time.Duration
	for round := 0; ; round++ {
		began := time.Now()
		s, err := store.Open(path, nil)
		if err != nil {
			b.Fatal(err)
		}
		if times = append(times, time.Since(began)); round == 4 {
			runtime.GC()
			runtime.ReadMemStats(&memory)
			goal("store-fleet-open-ms-at-most", median(times).Seconds()*1e3, 50)
			goal("store-fleet-heap-open-mb-at-most", float64(max(memory.HeapAlloc, before)-before)/1e6, 8)
			return s
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// measureQueries compares queries that an index answers with going through everything.
func measureQueries(b *testing.B, s *store.Store, hosts int) {
	b.Helper()
	all := hosts * fleetComponents
	whole := timeOf(b, 3, func() int {
		count := 0
		for _, err := range s.Components(b.Context(), "") {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		return count
	}, all)
	fields := findTime(b, s, 3, 0, "text=no such text")
	fmt.Printf("all %d components: read whole %v, searched without an index %v\n", all, whole, fields)
	for _, q := range []struct {
		name, words string
		count       int
	}{
		{"serial", "serial=" + fleetSerial(4711), 1},
		{"host", "host=" + fleetName(hosts/2), fleetComponents},
		{"health-page", "worse-than=ok&limit=50", min(50, all/1000)},
		{"health", "worse-than=ok", all / 1000},
		{"health-and-kind", "kind=memory-module&health=critical", all / 1000},
		{"kind-page", "kind=disk&limit=50", 50},
		{"sorted-page", "worse-than=ok&sort=-since,name&limit=50", min(50, all/1000)},
	} {
		took := findTime(b, s, 21, q.count, q.words)
		fmt.Printf("query %s: %d components in %v, whole reading %.0f times that\n", q.name, q.count, took, whole.Seconds()/took.Seconds())
		if q.name != "sorted-page" {
			goal("store-query-"+q.name+"-ms-at-most", took.Seconds()*1e3, 50)
		}
	}
	summary := timeOf(b, 21, func() int {
		counted := 0
		for n := range hosts {
			of, err := s.Summary(b.Context(), fleetName(n))
			if err != nil {
				b.Fatal(err)
			}
			for _, c := range of {
				counted += c.Components
			}
		}
		return counted
	}, all)
	fmt.Printf("summaries of %d hosts in %v, whole reading %.0f times that\n", hosts, summary, whole.Seconds()/summary.Seconds())
}

// measureUpgrade opens the file as if it had no indexes yet.
func measureUpgrade(b *testing.B, path string, hosts int) {
	b.Helper()
	edit(b, path, dropIndexes)
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	before := memory.Sys
	began := time.Now()
	s, err := store.Open(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	runtime.ReadMemStats(&memory)
	fmt.Printf("upgrade of %d components in %v, %.0f MB more from the system\n",
		hosts*fleetComponents, took.Round(time.Millisecond), float64(memory.Sys-min(before, memory.Sys))/1e6)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// findTime returns how long a query takes that finds so many.
func findTime(b *testing.B, s *store.Store, rounds, want int, words string) time.Duration {
	b.Helper()
	q := parameters(b, words)
	return timeOf(b, rounds, func() int {
		count := 0
		for _, err := range s.Find(b.Context(), q) {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		return count
	}, want)
}

// parameters makes a query of words as URLs have them.
func parameters(b *testing.B, words string) inventory.Query {
	b.Helper()
	var q inventory.Query
	for word := range strings.SplitSeq(words, "&") {
		name, value, _ := strings.Cut(word, "=")
		if err := q.Set(name, value); err != nil {
			b.Fatal(err)
		}
	}
	return q
}

// timeOf returns the median of how long something takes that must come to a number.
func timeOf(b *testing.B, rounds int, do func() int, want int) time.Duration {
	b.Helper()
	var times []time.Duration
	for range rounds {
		began := time.Now()
		got := do()
		times = append(times, time.Since(began))
		if got != want {
			b.Fatalf("found %d, want %d", got, want)
		}
	}
	return median(times)
}

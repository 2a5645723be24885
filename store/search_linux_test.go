package store_test

import (
	"fmt"
	"iter"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/query"
	"github.com/cimwatch/cimwatch/store"
)

// BenchmarkSearch measures queries that no index answers over 100,000 components, and picks
// what they select out of all components, whole, in the same rounds. It prints a line for
// each, with the time of the processors too, which other work on the machine leaves as it is:
//
//	go test -run '^$' -bench Search -benchtime 1x ./store
func BenchmarkSearch(b *testing.B) {
	if b.N > 1 {
		b.Skip("it is measured once: -benchtime 1x")
	}
	const hosts = 1000
	path := filepath.Join(b.TempDir(), "cimwatch.db")
	s, err := store.Open(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < hosts; first += 10 {
		putFleet(b, s, first, first+10)
	}
	for _, q := range []struct {
		where string
		words string
		count int
	}{
		{"Capacity > 5", "limit=100000", 75_000},
		{"Capacity > 17179869184", "limit=100000", 25_000},
		{"Capacity > 99999999999", "limit=100000", 0},
		{"ElementName LIKE '%999%'", "limit=100000", 0},
		{"", "text=no such text", 0},
		{"", "class=cim_fa?", 20_000},
		{"", "sort=-since,name&limit=50", 50},
	} {
		compareSearch(b, s, parameters(b, q.words), q.where, q.count)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	measureColdSearch(b, path)
}

// measureColdSearch searches a file that is not in memory, and compares that with reading it once.
func measureColdSearch(b *testing.B, path string) {
	b.Helper()
	q := parameters(b, "text=no such text")
	var file, cold []time.Duration
	for range 5 {
		forgetCached(b, path)
		file = append(file, readFile(b, path))
		forgetCached(b, path)
		s, err := store.Open(path, &store.Options{ReadOnly: true})
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		count(b, s.Find(b.Context(), q))
		cold = append(cold, time.Since(began))
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Printf("file read in %v, searched in %v\n", median(file), median(cold))
	fmt.Printf("ratio store-cold-search-of-reading %.3g\n", median(cold).Seconds()/median(file).Seconds())
}

// compareSearch finds what a query selects in both ways, in turns.
func compareSearch(b *testing.B, s *store.Store, q inventory.Query, where string, want int) {
	b.Helper()
	name := fmt.Sprint(q.Parameters())
	if where != "" {
		var err error
		if q.Where, err = query.ParseWhere("WQL", where); err != nil {
			b.Fatal(err)
		}
		name = where
	}
	var found, picked costs
	for range 5 {
		found.add(b, want, func() int { return count(b, s.Find(b.Context(), q)) })
		picked.add(b, want, func() int { return count(b, q.Select(s.Components(b.Context(), ""))) })
	}
	const all = 100_000
	fmt.Printf("search %s: found %v, picked out of all %v\n", name, found.of(all), picked.of(all))
	fmt.Printf("ratio store-search-%q-picked-of-found %.3g time %.3g processor\n", name,
		median(picked.times).Seconds()/median(found.times).Seconds(), median(picked.worked).Seconds()/median(found.worked).Seconds())
}

// count returns how many a sequence has.
func count(b *testing.B, all iter.Seq2[inventory.Component, error]) (n int) {
	b.Helper()
	for _, err := range all {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}

// costs are what doing something took, in each round.
type costs struct{ times, worked []time.Duration }

func (c *costs) add(b *testing.B, want int, do func() int) {
	b.Helper()
	began, before := time.Now(), processorTime(b)
	got := do()
	c.times, c.worked = append(c.times, time.Since(began)), append(c.worked, processorTime(b)-before)
	if got != want {
		b.Fatalf("found %d, want %d", got, want)
	}
}

// of returns the medians as shares of so many.
func (c *costs) of(all int) string {
	return fmt.Sprintf("%v each (%v of a processor)", median(c.times)/time.Duration(all), median(c.worked)/time.Duration(all))
}

// processorTime returns what this process has used of all processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// putFleet keeps the components of some hosts.
func putFleet(b *testing.B, s *store.Store, from, to int) {
	b.Helper()
	var hosts []int
	for host := from; host < to; host++ {
		hosts = append(hosts, host)
	}
	syncFleet(b, s, hosts...)
}

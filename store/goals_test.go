package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
)

// BenchmarkGoals measures what docs/performance.md has as goals of the store, and prints a
// line for each:
//
//	go test -run '^$' -bench Goals -benchtime 1x ./store
//
// CIMWATCH_STORE_ENTRIES is the size of the journal, 100,000 when it is not set.
func BenchmarkGoals(b *testing.B) {
	if b.N > 1 {
		b.Skip("it is measured once: -benchtime 1x")
	}
	count := 100_000
	if text := os.Getenv("CIMWATCH_STORE_ENTRIES"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "cimwatch.db")
	template := alertTemplate(b)
	fmt.Printf("entries %d of %d B, fdatasync median %v\n", count, len(alert(template, 1).Raw), syncMedian(b))
	measureWriters(b, template)
	measureFill(b, path, template, count)
	measureOpen(b, path)
	measureReading(b, path, count)
	measureDropping(b, path, count)
}

// goal prints a figure beside what it should be.
func goal(name string, value, goal float64) {
	fmt.Printf("ratio %s %.4g goal %.4g\n", name, value, goal)
}

func alertTemplate(b *testing.B) string {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "cimxml", "testdata", "messages", "export-ipmialert.xml"))
	if err != nil {
		b.Fatal(err)
	}
	return string(raw)
}

const alertHosts = 1000

// alert returns the n-th of the alerts that a thousand hosts send in turn.
func alert(template string, n int) store.Entry {
	host, number := fmt.Sprintf("esx%03d.example.com", n%alertHosts), int64(n/alertHosts)
	at := start.Add(time.Duration(n) * time.Millisecond)
	context := fmt.Sprintf("sfcb:%s#20261120075817#%d", host, 20261120075817+n%alertHosts)
	stamp := at.Format("20060102150405.000000") + "+000"
	raw := strings.NewReplacer(
		`MESSAGE ID="17"`, fmt.Sprintf(`MESSAGE ID="%d"`, number%99), "esx1", host, "115.0.32.0", fmt.Sprintf("%d.0.%d.%d", n%211, n%32, n%99),
		"1203", strconv.Itoa(100_000+n), "20261120075823.073983+000", stamp, "20261120075823.000000+000", stamp,
		"sfcb:esx1#20261120075817#20261120075817", context, "<VALUE>16<", fmt.Sprintf("<VALUE>%d<", number),
		"Physical Security General Chassis intrusion", [...]string{"Temperature 4 System Board Upper Critical going high", "Physical Security General Chassis intrusion",
			"Power Supply 2 Presence detected, Failure", "Fan 3B Redundancy Lost: insufficient resources"}[n%4],
	).Replace(template)
	return store.Entry{
		Received: at, Remote: fmt.Sprintf("10.0.%d.%d:%d", n%alertHosts/250, n%250+1, 20_000+n%40_000),
		Path: fmt.Sprintf("/indications/%032x", n%alertHosts), Host: host, Class: "OMC_IpmiAlertIndication", MessageID: strconv.FormatInt(number%99, 10),
		Sequence: &event.Sequence{Context: context, Number: number}, Raw: []byte(raw),
	}
}

// appendAlerts keeps alerts from several goroutines, in blocks so that those of one host
// come in order. It returns the time that the store took.
func appendAlerts(b *testing.B, s *store.Store, template string, from, to, writers int) time.Duration {
	b.Helper()
	var took time.Duration
	for ; from < to; from += alertHosts {
		block := make([]store.Entry, min(alertHosts, to-from))
		for n := range block {
			block[n] = alert(template, from+n)
		}
		took += atOnce(b, writers, block, func(e store.Entry) error {
			_, duplicate, err := s.Append(b.Context(), e)
			if duplicate {
				return errors.New("it is a duplicate")
			}
			return err
		})
	}
	return took
}

// atOnce hands entries to several goroutines and returns how long they took.
func atOnce(b *testing.B, writers int, block []store.Entry, do func(store.Entry) error) time.Duration {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range writers {
		wg.Go(func() {
			for n := next.Add(1) - 1; int(n) < len(block); n = next.Add(1) - 1 {
				if err := do(block[n]); err != nil {
					b.Errorf("append: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

func measureWriters(b *testing.B, template string) {
	for _, m := range []struct{ writers, count, rounds int }{{1, 1_000, 1}, {8, 4_000, 1}, {64, 10_000, 5}, {256, 20_000, 1}} {
		var ratios, rates, limits []float64
		for range m.rounds {
			s := open(b, nil)
			took := appendAlerts(b, s, template, 0, m.count, m.writers)
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			limit := appendOnly(b, template, m.count, m.writers)
			ratios = append(ratios, limit.Seconds()/took.Seconds())
			rates = append(rates, float64(m.count)/took.Seconds())
			limits = append(limits, float64(m.count)/limit.Seconds())
		}
		fmt.Printf("%d writers: store %.0f/s, append-only %.0f/s\n", m.writers, median(rates), median(limits))
		if m.writers == 64 {
			goal("store-64-writers-of-append-only", median(ratios), 0.40)
		}
	}
}

func median[T float64 | time.Duration](values []T) T {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// measureFill fills the journal and ends as a crash would, with a copy of the file beside
// it.
func measureFill(b *testing.B, path, template string, count int) {
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	before := memory.HeapAlloc
	s, err := store.Open(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&memory)
	peak := uint64(0)
	var took time.Duration
	const step = 50_000
	for from := 0; from < count; from += step {
		took += appendAlerts(b, s, template, from, min(from+step, count), 256)
		runtime.ReadMemStats(&memory)
		peak = max(peak, memory.HeapAlloc-min(before, memory.HeapAlloc))
	}
	runtime.GC()
	runtime.ReadMemStats(&memory)
	fmt.Printf("filled with %.0f/s, 256 writers; heap %.1f MB, live %.1f MB\n",
		float64(count)/took.Seconds(), float64(peak)/1e6, float64(memory.HeapAlloc-before)/1e6)
	goal("store-heap-writing-mb-at-most", float64(peak)/1e6, 32)
	copyFile(b, path, path+".crashed")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	goal("store-bytes-per-alert-at-most", float64(diskUsage(b, path))/float64(count), 650)
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, dataSync(f), f.Close()); err != nil { // or the next sync would do it
		b.Fatal(err)
	}
}

func measureOpen(b *testing.B, path string) {
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	before := memory.HeapAlloc
	var clean, crashed []time.Duration
	for round := range 5 {
		again := path + ".again"
		copyFile(b, path+".crashed", again)
		began := time.Now()
		s, err := store.Open(again, nil)
		crashed = append(crashed, time.Since(began))
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		began = time.Now()
		s, err = store.Open(path, nil)
		clean = append(clean, time.Since(began))
		if err != nil {
			b.Fatal(err)
		}
		if round == 0 {
			runtime.GC()
			runtime.ReadMemStats(&memory)
			goal("store-heap-open-mb-at-most", float64(max(memory.HeapAlloc, before)-before)/1e6, 8)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.Remove(again); err != nil {
			b.Fatal(err)
		}
	}
	goal("store-open-ms-at-most", median(clean).Seconds()*1e3, 50)
	goal("store-open-after-crash-ms-at-most", median(crashed).Seconds()*1e3, 150)
}

func measureReading(b *testing.B, path string, count int) {
	type reading struct {
		name string
		read func(*store.Store) int
	}
	readings := []reading{
		{"whole", func(s *store.Store) int { return readCount(b, s, false) }},
		{"heads", func(s *store.Store) int { return readCount(b, s, true) }},
	}
	for _, r := range readings {
		var warm, cold []float64
		for range 3 {
			forgetCached(b, path)
			file := readFile(b, path)
			forgetCached(b, path)
			s, err := store.Open(path, &store.Options{ReadOnly: true})
			if err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			if got := r.read(s); got != count {
				b.Fatalf("read %d entries, want %d", got, count)
			}
			cold = append(cold, time.Since(began).Seconds()/file.Seconds())
			began = time.Now()
			r.read(s)
			warm = append(warm, float64(count)/time.Since(began).Seconds())
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			fmt.Printf("file read in %v, cold scan of %s %.2f times that\n", file, r.name, cold[len(cold)-1])
		}
		goal("store-follow-"+r.name+"-per-second", median(warm), 500_000)
		goal("store-cold-scan-"+r.name+"-of-reading-at-most", median(cold), 1.5)
	}
}

func readCount(b *testing.B, s *store.Store, heads bool) int {
	count := 0
	read := s.Read
	if heads {
		read = s.ReadHeads
	}
	for _, err := range read(b.Context(), 0) {
		if err != nil {
			b.Fatal(err)
		}
		count++
	}
	return count
}

func readFile(b *testing.B, path string) time.Duration {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	began := time.Now()
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{f}, make([]byte, 1<<20)); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// measureDropping drops the journal, gives the pages of some segments free, as the store
// does when it needs them, and, in a copy, deletes as many entries one by one.
func measureDropping(b *testing.B, path string, count int) {
	oneByOne := deleteOneByOne(b, path+".crashed", min(count/2, 50_000))
	s, err := store.Open(path, &store.Options{MaxBytes: 1, MaintainEvery: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	done, err := s.Maintain(b.Context())
	took := time.Since(began)
	if err != nil || done.Dropped == 0 {
		b.Fatalf("%+v, %v", done, err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	freed := freeSegments(b, path, 5)
	fmt.Printf("dropped %d entries in %v, pages freed of %.0f entries/s, one by one %.0f/s\n", done.Dropped, took, freed, oneByOne)
	goal("store-drop-of-deleting", freed/oneByOne, 10)
}

// freeSegments returns how many entries a second are deleted with their segments, each in
// a transaction.
func freeSegments(b *testing.B, path string, count int) float64 {
	b.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	freed := uint64(0)
	began := time.Now()
	for range count {
		err := db.Update(func(tx *bbolt.Tx) error {
			journal := tx.Bucket([]byte("journal"))
			c := journal.Cursor()
			oldest, _ := c.First()
			oldest = bytes.Clone(oldest)
			next, _ := c.Next()
			if next == nil {
				return nil // it is written to
			}
			freed += binary.BigEndian.Uint64(next) - binary.BigEndian.Uint64(oldest)
			return journal.DeleteBucket(oldest)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(freed) / time.Since(began).Seconds()
}

// deleteOneByOne returns how many entries a second can be deleted by their keys, a thousand
// in each transaction.
func deleteOneByOne(b *testing.B, path string, count int) float64 {
	b.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	began := time.Now()
	for deleted := 0; deleted < count; {
		err := db.Update(func(tx *bbolt.Tx) error {
			journal := tx.Bucket([]byte("journal"))
			segments := journal.Cursor()
			batch := 0
			for name, _ := segments.First(); name != nil && batch < 1000; name, _ = segments.Next() {
				records := journal.Bucket(name)
				for k, _ := records.Cursor().First(); k != nil && batch < 1000; k, _ = records.Cursor().First() {
					if err := records.Delete(bytes.Clone(k)); err != nil {
						return err
					}
					batch++
				}
			}
			deleted += batch
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(count) / time.Since(began).Seconds()
}

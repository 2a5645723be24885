package main

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/listener"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// TestSoak has many hosts send, half of them with a connection for each indication, and
// each wait for the disk. CIMWATCH_SOAK makes it longer, such as "10m": then it is
// 1,000 hosts and 5,000 indications a second, none may wait longer than a second, and
// memory must not grow.
func TestSoak(t *testing.T) {
	hosts, rate, duration := 50, 500, time.Second
	long, err := time.ParseDuration(os.Getenv("CIMWATCH_SOAK"))
	if err == nil {
		hosts, rate, duration = 1000, 5000, long
	}
	v, err := durableService(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{dir: t.TempDir()}
	const parts = 10
	heaps := make([]uint64, 0, parts)
	var worst time.Duration
	for range parts {
		worst = max(worst, soak(t, b, v, load{senders: hosts / 2, rate: rate / 2}, duration/parts))
		heaps = append(heaps, liveHeap())
	}
	if err := v.stop(); err != nil {
		t.Error(err)
	}
	t.Logf("%d hosts, %d/s for %v: the slowest answer took %v; live heap %v kB",
		hosts, rate, duration, worst, heaps)
	if long > 0 && worst > time.Second {
		t.Errorf("an answer took %v", worst)
	}
	if first, last := heaps[1], heaps[parts-1]; long > 0 && last > first+first/2+8<<10 {
		t.Errorf("the heap grew from %d to %d kB", first, last)
	}
}

// soak runs a load twice at once, with and without connections that stay open.
func soak(t *testing.T, b *bench, v *service, l load, d time.Duration) time.Duration {
	t.Helper()
	var wg sync.WaitGroup
	var scores [2]score
	for n := range scores {
		one := b.load(v, l)
		one.connect = n == 1
		wg.Go(func() {
			var err error
			if scores[n], err = one.run(t.Context(), d); err != nil {
				t.Errorf("connect is %v: %v", one.connect, err)
			}
		})
	}
	wg.Wait()
	return max(scores[0].quantile(1), scores[1].quantile(1))
}

// liveHeap returns what is in use, in kB.
func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 10
}

// TestIdleConnections has connections wait for their next request, CIMWATCH_IDLE of them,
// and says what one of them costs, with both its ends.
func TestIdleConnections(t *testing.T) {
	count := 200
	if n, err := strconv.Atoi(os.Getenv("CIMWATCH_IDLE")); err == nil {
		count = n
	}
	server := listener.New(listener.HandlerFunc(forgetful), &listener.Options{MaxIdle: count, MaxPerAddress: count + 1, MaxConnections: count + 1})
	ln, err := listener.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	b := &bench{}
	l := b.load(&service{addr: ln.Addr().String()}, load{})
	s := b.contexts.sender()
	before := inUse()
	for range count {
		c, err := l.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := s.send(c); err != nil {
			t.Fatal(err)
		}
	}
	after := inUse()
	start := time.Now()
	c, err := l.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := s.send(c); err != nil {
		t.Error(err)
	}
	stats := server.Stats()
	t.Logf("%d idle connections: %.1f kB each; one more is answered in %v; %d idle, %d evicted",
		count, float64(after-before)/1024/float64(count), time.Since(start), stats.Idle, stats.Connections["idle-evicted"])
	if stats.Open < count || stats.Indications != uint64(count)+1 {
		t.Errorf("%+v", stats)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// inUse returns the bytes of heap and stacks in use.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

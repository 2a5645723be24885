package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/listener"
)

func TestMain(m *testing.M) {
	if what := os.Getenv(idleVariable); what != "" {
		if err := connectAndWait(context.Background(), what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
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
	var loads [2]*load
	for n := range loads {
		loads[n] = new(b.load(v, load{senders: hosts / 2, rate: rate / 2, connect: n == 1}))
		loads[n].keep()
	}
	for range parts {
		worst = max(worst, soak(t, loads, duration/parts))
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

// soak runs two loads at once, with and without connections that stay open.
func soak(t *testing.T, loads [2]*load, d time.Duration) time.Duration {
	t.Helper()
	var wg sync.WaitGroup
	var scores [2]score
	for n, one := range loads {
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

// idleVariable makes the test binary the other end of TestIdleConnections: it names the
// address and the number of connections.
const idleVariable = "CIMWATCH_IDLE_CLIENTS"

// connectAndWait opens connections, sends an indication over each, says so, and keeps them
// open until standard input ends.
func connectAndWait(ctx context.Context, what string) error {
	var addr string
	var count int
	if _, err := fmt.Sscan(what, &addr, &count); err != nil {
		return err
	}
	b := &bench{}
	l := b.load(&service{addr: addr}, load{})
	s := b.contexts.sender()
	for range count {
		c, err := l.dial(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := s.send(c); err != nil {
			return err
		}
	}
	fmt.Println("connected")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// TestIdleConnections has connections of another process wait for their next request,
// CIMWATCH_IDLE of them, and says what one of them costs here.
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
	before := inUse()
	leave := idleClients(t, ln.Addr().String(), count)
	after := inUse()
	b := &bench{}
	l, s := b.load(&service{addr: ln.Addr().String()}, load{}), b.contexts.sender()
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
	leave()
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// idleClients runs the other end until it has connected; what is returned ends it.
func idleClients(t *testing.T, addr string, count int) (leave func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", idleVariable, addr, count))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the other end says %q, %v, %v", line, err, cmd.Wait())
	}
	return func() {
		if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
			t.Error(err)
		}
	}
}

// inUse returns the bytes of heap and stacks in use.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/store"
)

func TestEntriesComeBackAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	full := entry(7)
	full.Received = time.Date(2026, 11, 20, 9, 0, 0, 123456789, time.FixedZone("", 3600))
	full.ContentHash = []byte("12345678")
	empty := store.Entry{Received: start}
	keep(t, s, full)
	keep(t, s, empty)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, &store.Options{ReadOnly: true})
	got := readAll(t, s, 0)
	full.Number, empty.Number = 1, 2
	full.Received = full.Received.UTC()
	if len(got) != 2 || len(got[1].ContentHash) != 8 {
		t.Fatalf("got %v", got)
	}
	empty.ContentHash, empty.Raw = got[1].ContentHash, got[1].Raw
	if diff := cmp.Diff([]store.Entry{full, empty}, got); diff != "" || len(empty.Raw) != 0 {
		t.Error(diff)
	}
}

func TestAppendKeepsNothingOfTheCallers(t *testing.T) {
	s := open(t, nil)
	e := entry(1)
	raw := slices.Clone(e.Raw)
	keep(t, s, e)
	clear(e.Raw)
	if got := readAll(t, s, 0)[0].Raw; !slices.Equal(got, raw) {
		t.Errorf("got %q", got)
	}
}

func TestReadFromAnywhere(t *testing.T) {
	s := open(t, nil)
	const count = 700 // several pieces, several hours
	appendMany(t, s, count, 20*time.Second)
	for _, after := range []uint64{0, 1, 179, 180, 181, 255, 256, 257, 512, count - 1, count, count + 1, 1<<64 - 1} {
		got := readAll(t, s, after)
		want := 0
		if after < count {
			want = int(count - after)
		}
		if len(got) != want {
			t.Errorf("after %d: %d entries, want %d", after, len(got), want)
		}
		for n, e := range got {
			if e.Number != after+uint64(n)+1 {
				t.Fatalf("after %d: entry %d has number %d", after, n, e.Number)
			}
		}
	}
	if s.LastNumber() != count {
		t.Errorf("last number %d", s.LastNumber())
	}
	for _, err := range s.Read(t.Context(), 0) {
		if err != nil {
			t.Error(err)
		}
		break // leaves no transaction open: Close in the end would hang
	}
}

// appendMany keeps entries at an interval, from several goroutines so that commits are
// shared.
func appendMany(t *testing.T, s *store.Store, count int, interval time.Duration) {
	t.Helper()
	const block = 50
	for from := 0; from < count; from += block {
		var wg sync.WaitGroup
		for n := from; n < min(from+block, count); n++ {
			e := entry(int64(n))
			e.Received = start.Add(time.Duration(n) * interval)
			wg.Go(func() {
				if _, duplicate, err := s.Append(t.Context(), e); err != nil || duplicate {
					t.Errorf("append %d: duplicate %v, %v", n, duplicate, err)
				}
			})
		}
		wg.Wait()
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	s := open(t, nil)
	keep(t, s, entry(0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range s.Read(ctx, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if _, _, err := s.Append(ctx, entry(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	if err := s.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("wait: %v", err)
	}
}

func TestClockSetBack(t *testing.T) {
	s := open(t, nil)
	for n, hour := range []int{5, 6, 2, 7, -500000} {
		e := entry(int64(n))
		e.Received = start.Add(time.Duration(hour) * time.Hour)
		keep(t, s, e)
	}
	if got := readAll(t, s, 0); len(got) != 5 {
		t.Errorf("%d entries", len(got))
	}
}

func TestWaitSeesEveryEntry(t *testing.T) {
	s := open(t, nil)
	const count = 200
	var got []uint64
	done := make(chan error)
	go func() {
		for after := uint64(0); after < count; {
			if err := s.Wait(t.Context(), after); err != nil {
				done <- err
				return
			}
			for e, err := range s.Read(t.Context(), after) {
				if err != nil {
					done <- err
					return
				}
				after = e.Number
				got = append(got, after)
			}
		}
		done <- nil
	}()
	for n := range count {
		keep(t, s, entry(int64(n)))
	}
	if err := <-done; err != nil || len(got) != count {
		t.Errorf("followed %d entries, %v", len(got), err)
	}
}

func TestCloseEndsWait(t *testing.T) {
	s := open(t, nil)
	ended := make(chan error)
	go func() { ended <- s.Wait(t.Context(), 0) }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, store.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// holder holds up the committer after a commit, until it is told to go on.
type holder struct{ held, release chan struct{} }

func newHolder() *holder { return &holder{make(chan struct{}, 1), make(chan struct{})} }

func (h *holder) onCommit(store.CommitInfo) {
	select {
	case h.held <- struct{}{}:
	default:
	}
	<-h.release
}

// waitQueued returns when that many entries are queued, which nothing else tells of.
func waitQueued(s *store.Store, entries int) {
	for s.Stats().Queued < entries {
		runtime.Gosched()
	}
}

func TestFullQueue(t *testing.T) {
	tests := map[string]store.Options{
		"entries": {QueueEntries: 3},
		"bytes":   {QueueBytes: 3 * len(record(entry(1)))},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHolder()
			opts.OnCommit = h.onCommit
			s := open(t, &opts)
			keep(t, s, entry(0))
			<-h.held
			var wg sync.WaitGroup
			for n := range int64(3) {
				wg.Go(func() { keep(t, s, entry(n+1)) })
			}
			waitQueued(s, 3)
			if _, _, err := s.Append(t.Context(), entry(4)); !errors.Is(err, store.ErrFull) {
				t.Errorf("got %v, want ErrFull", err)
			}
			close(h.release)
			wg.Wait()
			if got := keep(t, s, entry(4)); got != 5 {
				t.Errorf("after it was full: number %d, want 5", got)
			}
		})
	}
}

// TestAppendEndsWithItsContext gives up a wait for a disk that hangs. What was given up may be
// kept all the same.
func TestAppendEndsWithItsContext(t *testing.T) {
	h := newHolder()
	s := open(t, &store.Options{OnCommit: h.onCommit})
	keep(t, s, entry(0))
	<-h.held
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, _, err := s.Append(ctx, entry(1))
		ended <- err
	}()
	waitQueued(s, 1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(h.release)
	if got := keep(t, s, entry(2)); got != 3 {
		t.Errorf("number %d, want 3", got)
	}
}

// TestReadHeads reads, with and without bodies, entries of so many hosts that their names are
// not remembered from one to its next.
func TestReadHeads(t *testing.T) {
	s := open(t, nil)
	const count = 3000
	var last sync.WaitGroup
	for n := range int64(count) {
		e := entry(n)
		e.Host, e.Path = fmt.Sprint("esx", n%1500), fmt.Sprint("/in/", n%1500)
		e.Remote = fmt.Sprintf("192.0.2.1:%d", 1000+n)
		if n%3 == 0 {
			e.Sequence = nil
		}
		last.Go(func() { keep(t, s, e) })
	}
	last.Wait()
	whole := readAll(t, s, 0)
	if len(whole) != count {
		t.Fatalf("%d entries", len(whole))
	}
	n := 0
	for got, err := range s.ReadHeads(t.Context(), 0) {
		want := whole[n]
		if err != nil || fmt.Sprint(want.Host) != "esx"+want.Path[len("/in/"):] {
			t.Fatalf("%v, or %q came to %q", err, want.Host, want.Path)
		}
		if want.Raw = nil; !cmp.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
		n++
	}
	if n != count {
		t.Errorf("%d heads", n)
	}
}

// record returns about as many bytes as an entry takes in the queue.
func record(e store.Entry) []byte { return make([]byte, 80+len(e.Raw)) }

func TestOversizeEntryIsLetInAlone(t *testing.T) {
	s := open(t, &store.Options{QueueBytes: 10})
	keep(t, s, entry(0))
}

func TestCloseCommitsWhatIsQueued(t *testing.T) {
	h := newHolder()
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, &store.Options{OnCommit: h.onCommit})
	keep(t, s, entry(0))
	<-h.held
	kept := make(chan error)
	go func() {
		_, _, err := s.Append(t.Context(), entry(1))
		kept <- err
	}()
	waitQueued(s, 1)
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	close(h.release)
	if err := errors.Join(<-kept, <-closed); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, openAt(t, path, &store.Options{ReadOnly: true}), 0); len(got) != 2 {
		t.Errorf("%d entries, want 2", len(got))
	}
}

func TestCommitsAreShared(t *testing.T) {
	h := newHolder()
	var mu sync.Mutex
	var commits []store.CommitInfo
	s := open(t, &store.Options{OnCommit: func(c store.CommitInfo) {
		mu.Lock()
		commits = append(commits, c)
		mu.Unlock()
		h.onCommit(c)
	}})
	keep(t, s, entry(0))
	<-h.held
	var wg sync.WaitGroup
	const shared = 40
	for n := range int64(shared) {
		wg.Go(func() { keep(t, s, entry(n+1)) })
	}
	wg.Go(func() {
		if _, duplicate, err := s.Append(t.Context(), entry(0)); !duplicate || err != nil {
			t.Errorf("repeat: duplicate %v, %v", duplicate, err)
		}
	})
	waitQueued(s, shared+1)
	close(h.release)
	wg.Wait()
	stats := s.Stats()
	if stats.Entries != shared+1 || stats.Duplicates != 1 || stats.Commits != 2 || stats.Last != shared+1 {
		t.Errorf("got %+v, want all in a second commit", stats)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if last := commits[len(commits)-1]; last.Entries != shared || last.Duplicates != 1 || last.Bytes == 0 || last.Duration <= 0 {
		t.Errorf("got %+v", last)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			s := open(b, nil)
			e := entry(0)
			e.Raw = make([]byte, 1000)
			b.SetParallelism(writers)
			var mu sync.Mutex
			n := int64(0)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					mu.Lock()
					n++
					e := e
					e.Sequence = entry(n).Sequence
					mu.Unlock()
					if _, _, err := s.Append(b.Context(), e); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

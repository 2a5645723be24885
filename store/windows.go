package store

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// keptContexts are remembered of each sender and path. A restarted server begins a new one.
	keptContexts = 8
	// cachedWindows that are all in the file are kept decoded.
	cachedWindows = 4096
	// flushAfter entries a changed window is written, not with each of them: a random page
	// for each entry would cost more than the entry. As many entries are read when the
	// file is opened after a crash.
	flushAfter = 8192
	// flushSome are written when the store is maintained, so that senders who have gone
	// quiet do not make the next Open read far back.
	flushSome = 512
)

// rules are what windows judge by.
type rules struct {
	repeat   time.Duration // equal contents without numbers are one
	lifetime time.Duration // numbers that are missing may still come
}

// windows are the windows of all senders: those in the file, and in memory the ones that
// are in use. Only the committer uses them, within one transaction at a time, which may
// fail: then the windows are again what they were before.
type windows struct {
	rules
	cache  map[string]*window
	evict  int             // size of cache at which there is something to forget
	queue  []changed       // windows that the file does not have as they are, oldest first
	fresh  []string        // to be written in this transaction
	gapped map[string]bool // those with open gaps
	due    time.Time       // when the first of these gaps is to be called

	called      []Gap // in this transaction
	before      map[string]undo
	queueBefore []changed
}

type changed struct {
	key   string
	since uint64
}

// undo is what a window was before a transaction; nil when it was not in memory.
type undo struct {
	window *window
	was    window
}

func newWindows(r rules) *windows {
	return &windows{
		rules: r, cache: map[string]*window{}, gapped: map[string]bool{}, before: map[string]undo{},
		evict: cachedWindows,
	}
}

// begin begins a transaction.
func (ws *windows) begin() {
	clear(ws.before)
	ws.queueBefore, ws.fresh, ws.called = ws.queue, nil, nil
}

// end ends a transaction. What a failed one noted has not happened.
func (ws *windows) end(committed bool) {
	if committed {
		ws.forget()
		return
	}
	ws.queue, ws.due = ws.queueBefore, time.Time{}
	for key, u := range ws.before {
		if delete(ws.gapped, key); u.window == nil {
			delete(ws.cache, key)
			continue
		}
		*u.window = u.was
		ws.cache[key] = u.window
		if len(u.was.gaps) > 0 {
			ws.gapped[key] = true
		}
	}
}

// save keeps what a window is for end.
func (ws *windows) save(key string) {
	if _, saved := ws.before[key]; saved {
		return
	}
	u := undo{window: ws.cache[key]}
	if u.window != nil {
		u.was = *u.window
	}
	ws.before[key] = u
}

// forget makes room in the cache.
func (ws *windows) forget() {
	if len(ws.cache) <= ws.evict {
		return
	}
	for key, w := range ws.cache {
		if w.dirtySince == 0 && len(w.gaps) == 0 {
			delete(ws.cache, key)
		}
	}
	ws.evict = max(cachedWindows, 2*len(ws.cache))
}

// note takes note of an entry, which has its number, and judges it.
func (ws *windows) note(senders *bbolt.Bucket, r *request) (verdict, error) {
	w, err := ws.get(senders, r.sender, r.prefix)
	if err != nil {
		return fresh, err
	}
	ws.save(r.sender)
	v := w.note(r, &ws.rules)
	if v == duplicate {
		return v, nil
	}
	if w.dirtySince == 0 {
		w.dirtySince = r.entry.Number
		ws.queue = append(ws.queue, changed{r.sender, r.entry.Number})
	}
	ws.watch(r.sender, w)
	return v, nil
}

// watch sees to it that the gaps of a window are called in time.
func (ws *windows) watch(key string, w *window) {
	if len(w.gaps) == 0 {
		delete(ws.gapped, key)
		return
	}
	for _, g := range w.gaps {
		due := g.noticed.Add(ws.lifetime)
		if g.final {
			due = time.Time{}
		}
		if len(ws.gapped) == 0 || due.Before(ws.due) {
			ws.due = due
		}
		ws.gapped[key] = true
	}
}

// get returns a window, from memory, from the file, or a new one.
func (ws *windows) get(senders *bbolt.Bucket, key, prefix string) (*window, error) {
	if w := ws.cache[key]; w != nil {
		return w, nil
	}
	ws.save(key)
	w := &window{}
	if b := senders.Get([]byte(key)); b != nil {
		var err error
		if w, err = decodeWindow(b); err != nil {
			return nil, fmt.Errorf("window of %q: %w", key, err)
		}
	} else if senders.Writable() {
		if err := ws.makeRoom(senders, prefix); err != nil {
			return nil, err
		}
		ws.fresh = append(ws.fresh, key) // the file has all keys
	}
	ws.cache[key] = w
	ws.watch(key, w)
	return w, nil
}

// makeRoom forgets the oldest context of a sender that has as many as are kept.
func (ws *windows) makeRoom(senders *bbolt.Bucket, prefix string) error {
	var key string
	var oldest *window
	count := 0
	for k, b := range within(senders, []byte(prefix)) {
		w := ws.cache[string(k)]
		if w == nil {
			var err error
			if w, err = decodeWindow(b); err != nil {
				return fmt.Errorf("window of %q: %w", k, err)
			}
		}
		if count++; oldest == nil || w.touched.Before(oldest.touched) {
			key, oldest = string(k), w
		}
	}
	if count < keptContexts {
		return nil
	}
	ws.save(key)
	for _, g := range oldest.gaps {
		ws.called = append(ws.called, gapOf(key, oldest.host, g))
	}
	delete(ws.cache, key)
	delete(ws.gapped, key)
	return senders.Delete([]byte(key))
}

// call returns the gaps that are called now, in a transaction.
func (ws *windows) call(now time.Time) []Gap {
	setBack := now.Before(ws.due.Add(-ws.lifetime)) // before the first gap was noticed
	if len(ws.gapped) > 0 && (setBack || !now.Before(ws.due)) {
		keys := ws.gapped
		ws.gapped = map[string]bool{}
		for key := range keys {
			w := ws.cache[key]
			ws.save(key)
			called := w.call(now, ws.lifetime)
			for _, g := range called {
				ws.called = append(ws.called, gapOf(key, w.host, g))
			}
			if len(called) > 0 {
				ws.fresh = append(ws.fresh, key) // or a crash would call them again
			}
			ws.watch(key, w)
		}
	}
	slices.SortFunc(ws.called, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.First, b.First))
	})
	for n := range ws.called {
		ws.called[n].Called = now
	}
	return ws.called
}

// wake has the gaps of some windows called in time.
func (ws *windows) wake(senders *bbolt.Bucket, keys []string) error {
	for _, key := range keys {
		if ws.cache[key] != nil || senders.Get([]byte(key)) == nil {
			continue // it is watched, or forgotten
		}
		if _, err := ws.get(senders, key, ""); err != nil {
			return err
		}
	}
	return nil
}

// findGapped returns the keys of the windows in the file that have open gaps.
func findGapped(senders *bbolt.Bucket) ([]string, error) {
	var keys []string
	for k, b := range within(senders, nil) {
		w, err := decodeWindow(b)
		if err != nil {
			return nil, fmt.Errorf("window of %q: %w", k, err)
		}
		if len(w.gaps) > 0 {
			keys = append(keys, string(k))
		}
	}
	return keys, nil
}

func gapOf(key, host string, g openGap) Gap {
	sender, rest, _ := strings.Cut(key, "\x00")
	path, context, _ := strings.Cut(rest, "\x00")
	return Gap{
		Sender: sender, Path: path, Context: strings.TrimPrefix(context, "\x01"), Host: host,
		First: g.first, Last: g.last, Entry: g.entry, Noticed: g.noticed,
	}
}

// senderKey returns the key of an entry's window and the prefix that all contexts of the
// sender and path have. What would not make a key is condensed.
func senderKey(e *Entry) (key, prefix string) {
	prefix = short(e.sender()) + "\x00" + short(e.Path) + "\x00"
	if e.Sequence == nil {
		return prefix, prefix
	}
	return prefix + "\x01" + short(e.Sequence.Context), prefix
}

func short(s string) string {
	if len(s) <= 256 {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return s[:64] + "\x01" + string(sum[:])
}

package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/web"
)

// What is kept of updates, for those who read them a moment later, or go on where they were.
const (
	keptUpdates     = 8192
	keptUpdateBytes = 8 << 20 // of texts in them, about
	someUpdates     = 256     // are handed out at once

	relationBytes = 32 // of a relation besides its text
)

// updates are the latest updates of an inventory. Their cursors are their numbers, behind the name
// of this run: another one counts anew.
type updates struct {
	run    string
	ended  <-chan struct{}
	missed atomic.Uint64 // how often somebody missed some
	asked  atomic.Bool   // somebody follows them, or may do so again

	mu       sync.Mutex
	kept     []web.WrittenUpdate // without their cursors
	last     uint64              // number of the last of them
	bytes    int                 // of texts in kept
	moved    chan struct{}       // closed, and made anew, when last changes
	expected []*written          // in the order of their transactions, from the first that is expected on
}

// expect notes the place of a transaction in the order of all.
func (u *updates) expect(w *written) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.expected = append(u.expected, w)
}

// settle notes what has become of a transaction, and tells of those that have no other before them
// of which that is not known.
func (u *updates) settle(w *written, o outcome) {
	u.mu.Lock()
	defer u.mu.Unlock()
	w.outcome = o
	before := u.last
	for len(u.expected) > 0 && u.expected[0].outcome != expected {
		switch first := u.expected[0]; first.outcome {
		case isKept:
			u.add(first.all)
		case inDoubt: // as if there had been more than is kept
			u.last++
			u.kept, u.bytes = nil, 0
		}
		u.expected = u.expected[1:]
	}
	if u.last != before {
		close(u.moved)
		u.moved = make(chan struct{})
	}
}

// add keeps updates, and forgets the oldest ones that there is no room for.
func (u *updates) add(all []web.WrittenUpdate) {
	u.kept = append(u.kept, all...)
	u.last += uint64(len(all))
	for n := range all {
		u.bytes += weight(&all[n])
	}
	n := 0
	for ; len(u.kept)-n > keptUpdates || u.bytes > keptUpdateBytes; n++ {
		u.bytes -= weight(&u.kept[n])
	}
	clear(u.kept[:n])
	u.kept = u.kept[n:]
}

// weight returns about how many bytes the texts of an update have.
func weight(w *web.WrittenUpdate) int {
	n := len(w.ID)
	if w.Change != nil {
		c := w.Change
		n += len(c.Name) + len(c.Property) + lengthOf(c.Old) + lengthOf(c.New) + len(c.Cause.Reason) + len(c.Cause.Class)
		for i := range c.Relations {
			n += len(c.Relations[i].ID) + relationBytes
		}
	}
	return n
}

func lengthOf(v cim.Value) int {
	if text, ok := v.Text(); ok {
		return len(text)
	}
	return len(v.String())
}

// Seek implements web.Updates.
func (u *updates) Seek(cursor string) (place string, missed bool) {
	u.asked.Store(true)
	u.mu.Lock()
	defer u.mu.Unlock()
	if cursor == "" {
		return u.cursor(u.last), false
	}
	if _, ok := u.known(cursor); ok {
		return cursor, false
	}
	u.missed.Add(1)
	return u.cursor(u.last - uint64(len(u.kept))), true
}

// After implements web.Updates.
func (u *updates) After(place string) []web.WrittenUpdate {
	u.mu.Lock()
	defer u.mu.Unlock()
	behind, ok := u.known(place)
	if !ok {
		return nil
	}
	some := slices.Clone(u.kept[len(u.kept)-behind:][:min(behind, someUpdates)])
	for n := range some {
		some[n].Cursor = u.cursor(u.last - uint64(behind-n-1))
	}
	return some
}

// Wait implements web.Updates.
func (u *updates) Wait(ctx context.Context, place string) error {
	for {
		u.mu.Lock()
		behind, ok := u.known(place)
		moved := u.moved
		u.mu.Unlock()
		if !ok || behind > 0 {
			return nil
		}
		select {
		case <-moved:
		case <-u.ended:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("wait for updates: %w", ctx.Err())
		}
	}
}

var errEnded = errors.New("wait for updates: the daemon stops")

func (u *updates) cursor(number uint64) string { return u.run + "-" + strconv.FormatUint(number, 10) }

// known returns how many updates are behind a cursor; ok is false unless it is one of this run, and
// all of them are kept.
func (u *updates) known(cursor string) (behind int, ok bool) {
	run, text, _ := strings.Cut(cursor, "-")
	number, err := strconv.ParseUint(text, 10, 63)
	if run != u.run || err != nil || number > u.last || u.last-number > uint64(len(u.kept)) {
		return 0, false
	}
	return int(u.last - number), true
}

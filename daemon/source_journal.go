package daemon

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

const (
	// followers is what the names of those cursors begin with in the store that the API
	// may set: it cannot touch that of the inventory.
	followers = "follow/"
	// maxFollowers bounds them: each keeps entries from being dropped.
	maxFollowers = 100
)

// NewJournal returns the journal of a store as what the API shows. Waiting ends, besides
// with its context, when ended is closed; nil is never.
func NewJournal(s *store.Store, ended <-chan struct{}) web.Journal {
	return &journal{store: s, ended: ended}
}

type journal struct {
	store *store.Store
	ended <-chan struct{}

	changing sync.Mutex // a cursor is looked for and then changed
}

// Position returns the number of the entry before a place. All that was answered for by
// then is in the journal, but for a store that is read after a crash: see store.Stats.
func (j *journal) Position(ctx context.Context, from web.From) (uint64, error) {
	if err := j.store.Flush(ctx); err != nil {
		return 0, err
	}
	switch {
	case from.Now:
		return j.store.LastNumber(), nil
	case !from.Time.IsZero():
		return j.store.Before(ctx, from.Time)
	case from.Entry > 0:
		return from.Entry - 1, nil
	default:
		return 0, nil
	}
}

// Read yields the entries after a number.
func (j *journal) Read(ctx context.Context, after uint64, raw bool) iter.Seq2[web.Indication, error] {
	return func(yield func(web.Indication, error) bool) {
		decoder := newDecoder()
		for e, err := range j.store.Read(ctx, after) {
			if err != nil {
				yield(web.Indication{}, err)
				return
			}
			view := newIndication(&e)
			if raw {
				view.Message = e.Raw
			} else if x, err := decoder.Decode(e.Raw); err == nil && x.Indication != nil {
				view.Properties = web.NewProperties(x.Indication.Properties)
			}
			if !yield(view, nil) || j.over() {
				return
			}
		}
	}
}

func (j *journal) over() bool {
	select {
	case <-j.ended:
		return true
	default:
		return false
	}
}

func newIndication(e *store.Entry) web.Indication {
	view := web.Indication{
		Entry: e.Number, Received: e.Received, Remote: e.Remote, Host: e.Host, Class: e.Class, Late: e.Late,
	}
	if e.Sequence != nil {
		view.Sequence = &web.Sequence{Context: e.Sequence.Context, Number: e.Sequence.Number}
	}
	return view
}

// Wait returns nil as soon as there is an entry after a number.
func (j *journal) Wait(ctx context.Context, after uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-j.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	return j.store.Wait(ctx, after)
}

// Cursors returns the cursors that the API may set, by name.
func (j *journal) Cursors(ctx context.Context) ([]web.Cursor, error) {
	all, err := j.store.Cursors(ctx)
	cursors := []web.Cursor{}
	for name, entry := range all {
		if name, ours := strings.CutPrefix(name, followers); ours {
			cursors = append(cursors, web.Cursor{Name: name, Entry: entry})
		}
	}
	slices.SortFunc(cursors, func(a, b web.Cursor) int { return cmp.Compare(a.Name, b.Name) })
	return cursors, err
}

// MakeCursor returns a cursor, and makes it when there is none.
func (j *journal) MakeCursor(ctx context.Context, name string, after uint64) (web.Cursor, error) {
	j.changing.Lock()
	defer j.changing.Unlock()
	all, err := j.Cursors(ctx)
	if err != nil {
		return web.Cursor{}, err
	}
	if n := slices.IndexFunc(all, named(name)); n >= 0 {
		return all[n], nil
	}
	if len(all) >= maxFollowers {
		return web.Cursor{}, fmt.Errorf("%w cursors: there are %d", web.ErrTooMany, len(all))
	}
	c := web.Cursor{Name: name, Entry: min(after, j.store.LastNumber())}
	return c, j.store.Update(ctx, func(tx *store.Tx) error { return tx.SetCursor(followers+name, c.Entry) })
}

// MoveCursor moves a cursor to an entry that there is.
func (j *journal) MoveCursor(ctx context.Context, c web.Cursor) error {
	if c.Entry > j.store.LastNumber() {
		return fmt.Errorf("entry %d: %w", c.Entry, web.ErrNotFound)
	}
	return j.change(ctx, c.Name, func(tx *store.Tx) error { return tx.SetCursor(followers+c.Name, c.Entry) })
}

// DeleteCursor forgets a cursor.
func (j *journal) DeleteCursor(ctx context.Context, name string) error {
	return j.change(ctx, name, func(tx *store.Tx) error { return tx.DeleteCursor(followers + name) })
}

// change changes a cursor that there is.
func (j *journal) change(ctx context.Context, name string, do func(*store.Tx) error) error {
	j.changing.Lock()
	defer j.changing.Unlock()
	all, err := j.Cursors(ctx)
	switch {
	case err != nil:
		return err
	case !slices.ContainsFunc(all, named(name)):
		return fmt.Errorf("cursor %s: %w", name, web.ErrNotFound)
	default:
		return j.store.Update(ctx, do)
	}
}

func named(name string) func(web.Cursor) bool {
	return func(c web.Cursor) bool { return c.Name == name }
}

package cli

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// updater is a reader that tells of what is written to the inventory.
type updater interface {
	Updates(ctx context.Context, cursor string, follow bool, f web.UpdateFilter) iter.Seq2[web.Update, error]
}

// A follower notes which hosts a daemon has written to.
type follower struct {
	from   updater
	filter web.UpdateFilter
	of     inventory.Query // with the hosts that count
	news   chan struct{}   // has one value when there is something to take

	mu    sync.Mutex
	hosts map[string]bool
	all   bool  // there may be others
	err   error // why it does not follow at the moment
}

// newFollower returns one of what a query may select. At first that is all.
func newFollower(from updater, q *inventory.Query) *follower {
	f := &follower{
		from: from, of: inventory.Query{Hosts: q.Hosts}, news: make(chan struct{}, 1), hosts: map[string]bool{}, all: true,
	}
	for _, kind := range q.Kinds {
		f.filter.Kinds = append(f.filter.Kinds, string(kind))
	}
	return f
}

// errStopped says that a daemon has ended its answer.
var errStopped = errors.New("follow the daemon: it has stopped")

// follow notes what comes until ctx ends, and begins anew when that is broken off. It calls begun when it
// follows for the first time, or ends since it cannot.
func (f *follower) follow(ctx context.Context, begun func(error)) {
	cursor := ""
	for first := true; ; {
		err := errStopped
		for u, failed := range f.from.Updates(ctx, cursor, true, f.filter) {
			if failed != nil {
				err = failed
				break
			}
			cursor = u.Cursor
			f.note(&u)
			if first {
				begun(nil)
				first = false
			}
		}
		if first {
			begun(err)
			return
		}
		f.change(func() { f.err = err })
		if pause(ctx, watchInterval) != nil {
			return
		}
	}
}

// note notes an update, and that updates come.
func (f *follower) note(u *web.Update) {
	f.change(func() {
		f.err = nil
		switch {
		case u.Missed:
			f.all = true
		case u.Host != "" && f.of.Match(&inventory.Component{Host: u.Host}):
			f.hosts[u.Host] = true
		}
	})
}

// again has all be taken next.
func (f *follower) again() { f.change(func() { f.all = true }) }

func (f *follower) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
	select {
	case f.news <- struct{}{}:
	default: // it is known that there is something
	}
}

// take returns the hosts that were noted, or that they may be any, and forgets them. The error
// is why there may be others that nobody tells of.
func (f *follower) take() (hosts []string, all bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, false, f.err
	}
	hosts, all = slices.Sorted(maps.Keys(f.hosts)), f.all
	clear(f.hosts)
	f.all = false
	return hosts, all, nil
}

// mostParts is of how many hosts what has changed is read, one after the other. Of more, all is.
const mostParts = 16

// begin returns a follower that follows, and what ends it. The error is ErrNotFound where the
// daemon is of a version that does not tell what it writes.
func (w *watching) begin(ctx context.Context) (f *follower, end func(), err error) {
	from, ok := w.reader.(updater)
	if !ok {
		return nil, nil, web.ErrNotFound
	}
	f = newFollower(from, &w.query)
	ctx, cancel := context.WithCancel(ctx)
	begun := make(chan error, 1)
	var following sync.WaitGroup
	following.Go(func() { f.follow(ctx, func(err error) { begun <- err }) })
	end = func() {
		cancel()
		following.Wait()
	}
	if err := <-begun; err != nil {
		end()
		return nil, nil, err
	}
	return f, end, nil
}

// follow shows all, and then what a daemon has written as soon as it has.
func (w *watching) follow(ctx context.Context, f *follower) error {
	return w.run(ctx, func() error { return w.readNoted(ctx, f) }, func(period time.Duration, failed bool) error {
		if failed {
			return pause(ctx, max(period, watchInterval))
		}
		if err := pause(ctx, period); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.news:
			return nil
		}
	})
}

// readNoted shows what a follower has noted.
func (w *watching) readNoted(ctx context.Context, f *follower) error {
	hosts, all, err := f.take()
	if err != nil {
		return err
	}
	lines, inParts := w.shown.(*lineWatcher)
	inParts = inParts && w.query.Limit == 0 && len(hosts) <= mostParts
	switch {
	case !all && len(hosts) == 0:
	case all || !inParts:
		err = w.shown.reading(w.reader.Find(ctx, w.query))
	default:
		for n := 0; n < len(hosts) && err == nil; n++ {
			q := w.query
			q.Hosts = []inventory.Pattern{inventory.Pattern(hosts[n])}
			err = lines.readingOf(hosts[n], w.reader.Find(ctx, q))
		}
	}
	if err != nil {
		f.again()
	}
	return err
}

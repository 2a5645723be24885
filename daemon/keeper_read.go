package daemon

import (
	"context"
	"errors"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
)

// How many journal entries one transaction takes in at most: many share a sync and the
// pages that they change, and who has fallen behind catches up. Who has not takes in few.
const (
	batchSize  = 4096
	batchBytes = 16 << 20 // of messages
)

// A piece is some of the journal, with what it says.
type piece struct {
	after   uint64
	entries []store.Entry
	events  map[uint64]*decoded // by entry
	more    bool                // there are, likely
	err     error
}

// decoded is what an entry says, or why it says nothing.
type decoded struct {
	event event.Event
	err   error
}

// A readAhead reads the journal and decodes it, a piece ahead of who takes it in.
type readAhead struct {
	decoder *cimxml.ExportDecoder
	next    *piece
}

// take returns what is behind an entry, which may have been read already.
func (a *readAhead) take(ctx context.Context, journal *store.Store, after uint64) *piece {
	r := a.next
	if a.next = nil; r == nil || r.after != after || r.err != nil {
		r = a.read(ctx, journal, after)
	}
	return r
}

// begin begins to read what is behind an entry. The function that it returns waits for the
// end of that.
func (a *readAhead) begin(ctx context.Context, journal *store.Store, after uint64) (wait func()) {
	done := make(chan struct{})
	var r *piece
	go func() {
		defer close(done)
		r = a.read(ctx, journal, after)
	}()
	return func() {
		<-done
		a.next = r
	}
}

func (a *readAhead) read(ctx context.Context, journal *store.Store, after uint64) *piece {
	r := &piece{after: after, events: map[uint64]*decoded{}}
	bytes := 0
	for e, err := range journal.Read(ctx, after) {
		if err != nil {
			r.err = err
			return r
		}
		r.entries = append(r.entries, e)
		r.events[e.Number] = decodeEvent(a.decoder, &e)
		if bytes += len(e.Raw); len(r.entries) == batchSize || bytes >= batchBytes {
			r.more = true
			break
		}
	}
	return r
}

// decodeEvent decodes an entry.
func decodeEvent(decoder *cimxml.ExportDecoder, e *store.Entry) *decoded {
	x, err := decoder.Decode(e.Raw)
	switch {
	case err != nil:
	case x.Indication == nil:
		err = errors.New("it holds no indication")
	case e.Host == "":
		err = errors.New("it is of no host")
	}
	if err != nil {
		return &decoded{err: err}
	}
	d := &decoded{event: event.Normalise(e.Host, e.Received, x.Indication)}
	d.event.Entry = e.Number
	if d.event.Sequence != nil {
		// Handlers that sfcb creates in one second share a context and count on their own
		// (observed); each has a path of its own here.
		d.event.Sequence.Context = e.Path + " " + d.event.Sequence.Context
	}
	return d
}

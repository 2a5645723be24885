package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/web"
)

// daemon prints the journal of a running daemon. When the daemon goes, it waits for it to
// come back and goes on.
func (r *reader) daemon(ctx context.Context, from web.From) error {
	o := &r.o.read
	client, err := o.client(ctx, r.env)
	if err != nil {
		return err
	}
	if o.forget {
		err := client.DeleteCursor(ctx, o.cursor)
		if errors.Is(err, web.ErrNotFound) {
			err = fmt.Errorf("the daemon has no cursor %q", o.cursor)
		}
		return err
	}
	if o.cursor == "" {
		after, err := client.Position(ctx, from)
		if err != nil {
			return err
		}
		return r.stream(ctx, client, after, nil)
	}
	cursor, err := client.MakeCursor(ctx, o.cursor, from)
	if err != nil {
		return err
	}
	m := &marker{client: client, at: cursor, wake: make(chan struct{}, 1)}
	stop := m.start(ctx)
	err = r.stream(ctx, client, cursor.Entry, m)
	if ctx.Err() != nil {
		err = nil // interrupted, which is how it ends
	}
	return errors.Join(err, stop())
}

// stream prints what a daemon has after an entry, from one connection after the other when
// it is to follow.
func (r *reader) stream(ctx context.Context, client *web.Client, after uint64, m *marker) error {
	away := false
	for first := true; ; first = false {
		for i, err := range client.Indications(ctx, web.From{Entry: after + 1}, r.o.read.follow) {
			if err != nil {
				if first || !r.o.read.follow || ctx.Err() != nil {
					return err
				}
				break
			}
			if away {
				away = false
				note(r.env.Stderr, "the daemon is there again")
			}
			err = r.print(&i)
			if err == nil || errors.Is(err, errRead) {
				after = i.Entry
				m.note(after)
			}
			if errors.Is(err, errRead) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		if !r.o.read.follow {
			return nil
		}
		if !away {
			away = true
			note(r.env.Stderr, "the daemon is away; waiting for it")
		}
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}

// A marker keeps in the daemon how far the output has come: soon after it moved, not with
// each entry, which costs the daemon a write to disk.
type marker struct {
	client *web.Client
	wake   chan struct{} // holds one value while there is something to tell

	mu sync.Mutex // the reader moves it, the marker's goroutine tells
	at web.Cursor
}

// note moves the cursor. A nil marker keeps none.
func (m *marker) note(entry uint64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	m.at.Entry = entry
	m.mu.Unlock()
	m.ask()
}

// ask has the daemon told.
func (m *marker) ask() {
	select {
	case m.wake <- struct{}{}:
	default: // it will be
	}
}

func (m *marker) tell(ctx context.Context) error {
	m.mu.Lock()
	at := m.at
	m.mu.Unlock()
	return m.client.MoveCursor(ctx, at)
}

// start tells the daemon each second at most, until what is returned is called, which tells
// it the last time.
func (m *marker) start(ctx context.Context) (stop func() error) {
	working, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-working.Done():
				return
			case <-m.wake:
			}
			if m.tell(working) != nil && working.Err() == nil {
				m.ask() // again: the daemon may be away
			}
			if pause(working, lookAgain) != nil {
				return
			}
		}
	}()
	return func() error {
		cancel()
		<-ended
		const patience = 5 * time.Second
		last, done := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer done()
		if err := m.tell(last); err != nil {
			return fmt.Errorf("keep the cursor: %w", err)
		}
		return nil
	}
}

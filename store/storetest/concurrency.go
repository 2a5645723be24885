package storetest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// count adds one to the number that a component has.
func count(tx store.InventoryTx, host, id string) error {
	_, err := tx.Apply(host, func(v inventory.View) inventory.Delta {
		n := int64(0)
		if c, ok := v.Component(id); ok {
			n, _ = c.Instance().Get("Text").Int64()
		}
		c := component(host, id, "")
		c.Properties[0].Value = cim.Sint64(n + 1)
		return inventory.Delta{Upserts: []inventory.Component{c}, Changes: []inventory.Change{change(host, id, int(n+1))}}
	})
	return err
}

// testWriters has several update at once: each sees what the others have done, and a cursor
// moves with the work.
func testWriters(s *subject) {
	const writers, rounds = 4, 25
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for r := range rounds {
				err := s.Update(s.Context(), func(tx store.InventoryTx) error {
					err := firstError(count(tx, "h", "shared"), count(tx, fmt.Sprintf("own%d", w), "id"), tx.SetCursor(fmt.Sprintf("c%d", w), uint64(r%Entries)))
					if err == nil && r%5 == 4 {
						return errWanted
					}
					return err
				})
				if err != nil && !errors.Is(err, errWanted) {
					s.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	all.Wait()
	s.twice(func() {
		const done = rounds / 5 * 4
		c := s.component("h", "shared")
		if n, _ := c.Instance().Get("Text").Int64(); n != writers*done {
			s.Errorf("counted %d, want %d", n, writers*done)
		}
		history := Collect(s, s.History(s.Context(), "h", "shared"))
		for i := range history {
			if n, _ := history[i].New.Int64(); n != int64(i+1) {
				s.Errorf("change %d is number %d", i, n)
			}
		}
		if len(history) != writers*done {
			s.Errorf("%d changes, want %d", len(history), writers*done)
		}
		for w := range writers {
			if n, err := s.Cursor(s.Context(), fmt.Sprintf("c%d", w)); err != nil || n != (rounds-2)%Entries {
				s.Errorf("cursor of writer %d: %d, %v", w, n, err)
			}
		}
	})
}

// testReaders reads while somebody writes: each record comes whole, and history only grows.
func testReaders(s *subject) {
	var d inventory.Delta
	for n := range 300 { // more than a piece
		d.Upserts = append(d.Upserts, component("other", fmt.Sprintf("%03d", n), ""))
	}
	s.put("other", d)
	ended := make(chan struct{})
	var all sync.WaitGroup
	defer all.Wait() // also when the test fails
	defer close(ended)
	for range 3 {
		all.Go(func() {
			for last := 0; ; {
				select {
				case <-ended:
					return
				default:
				}
				last = s.readAll(last)
			}
		})
	}
	for range 60 {
		s.update(func(tx store.InventoryTx) error { return firstError(count(tx, "h", "a"), count(tx, "h", "b")) })
	}
}

// readAll reads everything once and returns how long the history was.
func (s *subject) readAll(last int) int {
	n := 0
	for c, err := range s.Components(s.Context(), "") {
		if err != nil || len(c.Properties) != 1 {
			s.Errorf("component %s: %v", c.ID, err)
		}
		n++
	}
	if n < 300 {
		s.Errorf("%d components", n)
	}
	length := 0
	for _, err := range s.History(s.Context(), "h", "") {
		if err != nil {
			s.Error(err)
		}
		length++
	}
	if length < last {
		s.Errorf("%d changes after %d", length, last)
	}
	if _, err := s.Hosts(s.Context()); err != nil {
		s.Error(err)
	}
	return length
}

// testClosing closes while others read and write: each call is done or says ErrClosed, and
// what was done is there.
func testClosing(s *subject) {
	s.put("h", upserts(component("h", "x", "")))
	updated, read := make(chan struct{}, 2), make(chan struct{}, 2)
	var all sync.WaitGroup
	var mu sync.Mutex
	done := int64(0)
	for range 2 {
		all.Go(func() {
			for {
				err := s.Update(s.Context(), func(tx store.InventoryTx) error { return count(tx, "h", "a") })
				if err != nil {
					if !errors.Is(err, store.ErrClosed) {
						s.Errorf("update: %v", err)
					}
					return
				}
				mu.Lock()
				done++
				mu.Unlock()
				tell(updated)
			}
		})
		all.Go(func() {
			for {
				for _, err := range s.Components(s.Context(), "") {
					if err != nil {
						if !errors.Is(err, store.ErrClosed) {
							s.Errorf("components: %v", err)
						}
						return
					}
				}
				tell(read)
			}
		})
	}
	for range 2 {
		<-updated
		<-read
	}
	if err := s.closeIt(); err != nil {
		s.Error(err)
	}
	s.closeIt = nil
	all.Wait()
	s.reopen()
	c := s.component("h", "a")
	if n, _ := c.Instance().Get("Text").Int64(); n != done {
		s.Errorf("%d updates were done, %d are kept", done, n)
	}
}

// tell says that something was done, if anybody still waits for it.
func tell(begun chan<- struct{}) {
	select {
	case begun <- struct{}{}:
	default:
	}
}

// testClosed uses what is closed.
func testClosed(s *subject) {
	s.put("h", upserts(component("h", "x", "")))
	s.close()
	_, err := s.Hosts(s.Context())
	_, cerr := s.Component(s.Context(), "h", "x")
	_, nerr := s.Cursor(s.Context(), "c")
	_, aerr := s.Cursors(s.Context())
	uerr := s.Update(s.Context(), func(store.InventoryTx) error { return nil })
	errs := []error{err, cerr, nerr, aerr, uerr}
	for _, err := range s.Components(s.Context(), "") {
		errs = append(errs, err)
	}
	for _, err := range s.History(s.Context(), "", "") {
		errs = append(errs, err)
	}
	if len(errs) != 7 {
		s.Errorf("%d errors, want 7", len(errs))
	}
	for n, err := range errs {
		if !errors.Is(err, store.ErrClosed) {
			s.Errorf("call %d: got %v, want ErrClosed", n, err)
		}
	}
}

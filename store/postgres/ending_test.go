package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// lockTable locks a table against everything until unlock is called.
func lockTable(t *testing.T, url, table string) (unlock func()) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	tx, err := conn.Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), "LOCK TABLE cimwatch_data."+table+" IN ACCESS EXCLUSIVE MODE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = conn.Close(context.Background()) }
}

// awaitLocked waits until somebody waits for a lock.
func awaitLocked(t *testing.T, url string) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	defer conn.Close(context.Background())
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var waiting bool
		err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database "+
			"WHERE d.datname = current_database() AND NOT l.granted)").Scan(&waiting)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("nobody waits for the lock: %v", err)
		}
		if waiting {
			return
		}
	}
}

// endsSoon returns what a function returned, which does not wait for the server.
func endsSoon(t *testing.T, what string, result <-chan error) error {
	t.Helper()
	select {
	case err := <-result:
		return err
	case <-time.After(30 * time.Second): // less than what a batch is given
		t.Fatalf("%s waits for the server", what)
		return nil
	}
}

// TestCloseEndsWhatWaits closes an inventory while a read and an update wait for a table.
func TestCloseEndsWhatWaits(t *testing.T) {
	for name, do := range map[string]func(*testing.T, store.Inventory) error{
		"read": func(t *testing.T, s store.Inventory) error {
			_, err := s.Summary(context.WithoutCancel(t.Context()), "a")
			return err
		},
		"update that reads": func(t *testing.T, s store.Inventory) error {
			return s.Update(context.WithoutCancel(t.Context()), func(tx store.InventoryTx) error {
				_, err := tx.Apply("b", func(v inventory.View) inventory.Delta {
					v.Component("x")
					return inventory.Delta{}
				})
				return err
			})
		},
		"update that writes": func(t *testing.T, s store.Inventory) error {
			return take(context.WithoutCancel(t.Context()), s, []event.Event{alert(1, "a", fan("1", 2))})
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := database(t)
			s := open(t, url, nil)
			if name == "update that writes" { // and has read before
				if err := take(t.Context(), s, []event.Event{alert(1, "a", fan("1", 2))}); err != nil {
					t.Fatal(err)
				}
			}
			defer lockTable(t, url, "components")()
			done, closed := make(chan error, 1), make(chan error, 1)
			go func() { done <- do(t, s) }()
			awaitLocked(t, url)
			go func() { closed <- s.Close() }()
			if err := endsSoon(t, "Close", closed); err != nil {
				t.Error(err)
			}
			if err := <-done; !errors.Is(err, store.ErrClosed) {
				t.Errorf("got %v, want ErrClosed", err)
			}
		})
	}
}

// TestUpdateEndsWithItsContext ends the context of an update that waits for a table. Nothing of it
// is there afterwards, and the next one goes on.
func TestUpdateEndsWithItsContext(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	unlock := lockTable(t, url, "cursors")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- take(ctx, s, []event.Event{alert(1, "a", fan("1", 2))}) }()
	awaitLocked(t, url)
	cancel()
	if err := endsSoon(t, "Update", done); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	unlock()
	if err := take(t.Context(), s, []event.Event{alert(1, "a", fan("1", 2))}); err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, url, "SELECT count FROM cimwatch.alarms"); n != 1 {
		t.Errorf("raised %d times", n)
	}
}

// TestNumbersAfterLostConnection loses the answer to a commit, and counts on from what was committed.
func TestNumbersAfterLostConnection(t *testing.T) {
	url := database(t)
	p := newProxy(t, url)
	s := open(t, p.url, nil)
	for n := 1; n <= 3; n++ {
		if n == 2 {
			p.cut.Store(cutAfter)
		}
		if err := take(t.Context(), s, []event.Event{alert(n, "a", fan(string(rune('0'+n)), 2))}); err != nil {
			t.Fatal(err)
		}
	}
	conn := pgtest.Connect(t, url)
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), "SELECT number FROM cimwatch.changes ORDER BY number")
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil || len(numbers) < 3 || numbers[len(numbers)-1] != len(numbers) {
		t.Errorf("changes have the numbers %v, %v", numbers, err)
	}
}

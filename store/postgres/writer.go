package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/store"
)

// A writer has the connection that holds the lock, and what it knows of the database as long as
// nobody else writes.
type writer struct {
	s    *Inventory
	turn chan struct{} // holds one value while nobody uses the rest

	conn       *pgx.Conn // nil: to be connected
	cache      *cache
	cursors    map[string]uint64
	change     int64 // number of the last
	lastWrite  int64
	journal    []byte
	generation int
}

// lockKey is the number of the advisory lock: nobody else's, it was drawn at random.
const lockKey = 0x63696d7761746368

const (
	flushTime = time.Minute            // for a batch
	graceTime = 3 * time.Second        // for a batch, once who sends it or the inventory is to end
	pause     = 250 * time.Millisecond // between two attempts to learn what became of a batch
)

func newWriter(s *Inventory) *writer {
	w := &writer{s: s, turn: make(chan struct{}, 1), cache: newCache(s.options.CacheBytes)}
	w.turn <- struct{}{}
	return w
}

// lock connects and takes the lock.
func (w *writer) lock(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, w.s.config.Copy())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := w.s.take(ctx, conn); err != nil {
		return errors.Join(fmt.Errorf("lock: %w", err), conn.Close(context.WithoutCancel(ctx)))
	}
	w.conn = conn
	return nil
}

// take takes the lock, and waits a while for one who had it until now: the server takes its time
// to notice that a connection has ended.
func (s *Inventory) take(ctx context.Context, conn *pgx.Conn) error {
	over := s.options.After(s.options.LockTimeout)
	for {
		var locked bool
		err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(lockKey)).Scan(&locked)
		if err != nil || locked {
			return err
		}
		select {
		case <-s.options.After(pause / 10):
		case <-over:
			return store.ErrLocked
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ready connects again when the connection was lost. Others may have written meanwhile.
func (w *writer) ready(ctx context.Context) error {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	if err := w.lock(ctx); err != nil {
		return err
	}
	return w.load(ctx)
}

// load reads what the writer always knows, and forgets the rest.
func (w *writer) load(ctx context.Context) error {
	w.cache.clear()
	err := w.conn.QueryRow(ctx, `SELECT last_write, journal, generation,
		greatest(last_change, (SELECT max(number) FROM cimwatch_data.changes)) FROM cimwatch_data.state`).
		Scan(&w.lastWrite, &w.journal, &w.generation, &w.change)
	if err != nil {
		return w.failed(fmt.Errorf("read the state: %w", err))
	}
	rows, err := w.conn.Query(ctx, "SELECT consumer_key, number FROM cimwatch_data.cursors")
	if err == nil {
		w.cursors, err = collectCursors(rows)
	}
	if err != nil {
		return w.failed(fmt.Errorf("read cursors: %w", err))
	}
	return nil
}

// failed has the next Update connect anew after what this connection was not meant to do: what
// is remembered may not be what is there.
func (w *writer) failed(err error) error {
	if w.conn != nil && !w.conn.IsClosed() {
		ctx, cancel := context.WithTimeout(context.Background(), pause) //nolint:forbidigo // the caller's may have ended
		defer cancel()
		_ = w.conn.Close(ctx) // it is given up
	}
	w.conn = nil
	return err
}

// adopt compares the journal with the one that the cursors are of.
func (w *writer) adopt(ctx context.Context) (Found, error) {
	o := &w.s.options
	if len(o.Journal) == 0 {
		return SameJournal, nil
	}
	before, err := store.ParseLineage(w.journal)
	if err != nil {
		before = nil
	}
	shared, same := o.Journal.Shared(before)
	last := o.Last
	if !same {
		last = min(last, shared)
	}
	found, cursors := SameJournal, map[string]uint64{}
	for name, number := range w.cursors {
		switch {
		case number <= last:
			cursors[name] = number
		case !same && shared == 0:
			found = OtherJournal
		default:
			found = EarlierJournal
			cursors[name] = last
		}
	}
	if same && found == SameJournal {
		return found, nil
	}
	if len(w.journal) > 0 {
		w.generation++
	}
	t := newTransaction(ctx, w)
	t.newCursors, t.journal = cursors, o.Journal.Bytes()
	return found, t.commit(ctx)
}

// Update implements store.Inventory.
func (s *Inventory) Update(ctx context.Context, do func(store.InventoryTx) error) error {
	ctx, release := s.until(ctx)
	defer release()
	if err := s.update(ctx, do); err != nil {
		return fmt.Errorf("update %s: %w", s.name, s.closedBy(err))
	}
	return nil
}

func (s *Inventory) update(ctx context.Context, do func(store.InventoryTx) error) error {
	w, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	w.cache.shrink()
	t := newTransaction(ctx, w)
	if err := do(t); err != nil {
		return err
	}
	if t.err != nil {
		return t.err
	}
	return t.commit(ctx)
}

// enter waits for the turn of who calls, and for the connection. leave gives the turn back.
func (s *Inventory) enter(ctx context.Context) (w *writer, leave func(), err error) {
	if s.options.ReadOnly {
		return nil, nil, store.ErrReadOnly
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	w = s.writer
	select {
	case <-w.turn:
	case <-ctx.Done():
		end()
		return nil, nil, ctx.Err()
	case <-s.done:
		end()
		return nil, nil, store.ErrClosed
	}
	leave = func() {
		w.turn <- struct{}{}
		end()
	}
	if err := w.ready(ctx); err != nil {
		leave()
		return nil, nil, err
	}
	return w, leave, nil
}

// close closes the connection when nobody uses it any more.
func (w *writer) close() error {
	if w.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), graceTime) //nolint:forbidigo // Close takes none, as that of a file
	defer cancel()
	if !w.conn.IsClosed() {
		// The server notices later that the connection has ended, and the next writer need not wait.
		_, _ = w.conn.Exec(ctx, "SELECT pg_advisory_unlock_all()") // the end of the connection does it too
	}
	if err := w.conn.Close(ctx); err != nil {
		return fmt.Errorf("close %s: %w", w.s.name, err)
	}
	return nil
}

// send has the server run a batch as one transaction.
func (w *writer) send(ctx context.Context, batch *pgx.Batch) error {
	next := rand.Int64N(math.MaxInt64)
	batch.Queue("UPDATE cimwatch_data.state SET last_write = $1", next)
	// A batch that was begun is not cut off at once when the caller ends, which would leave its fate open.
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		select {
		case <-w.s.options.After(graceTime):
			cancel()
		case <-sending.Done():
		}
	})()
	err := w.conn.SendBatch(sending, batch).Close()
	if err != nil && w.conn.IsClosed() {
		err = w.resolve(ctx, next, err)
	}
	if err != nil {
		return err
	}
	w.lastWrite = next
	return nil
}

// resolve learns what became of a batch that the connection was lost with: the lock is free
// again when the server has done with it. It returns nil when it was committed.
func (w *writer) resolve(ctx context.Context, next int64, lost error) error {
	lost = fmt.Errorf("connection lost: %w", lost)
	told := false
	for {
		err := w.ready(ctx)
		if err == nil {
			break
		}
		if w.s.options.OnDoubt != nil && !told {
			told = true
			w.s.options.OnDoubt(fmt.Errorf("%w; it is waited for what became of the transaction: %w", lost, err))
		}
		select {
		case <-w.s.options.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("%w; what became of the transaction is not known: %w", lost, ctx.Err())
		case <-w.s.done:
			return fmt.Errorf("%w; what became of the transaction is not known: %w", lost, store.ErrClosed)
		}
	}
	if told {
		w.s.options.OnDoubt(nil)
	}
	if w.lastWrite == next {
		return nil
	}
	return lost
}

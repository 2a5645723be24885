// Package postgres keeps an inventory, its history and an index of the journal in a PostgreSQL
// database: a [store.Inventory]. The journal stays in a file of package store, since an
// indication must be on the disk of this machine before it is answered.
//
//	kept, err := postgres.Open(ctx, "postgres://cimwatch@db.example.com/cimwatch", &postgres.Options{Password: secret})
//	...
//	err = kept.Update(ctx, func(tx store.InventoryTx) error { ... })
//
// # Tables and views
//
// All tables are in the schema cimwatch_data and made by Open; docs/postgresql.md describes them
// and the views of the schema cimwatch, which are for people. Each row has the whole of its
// component, change or host as a record, byte for byte what a file has, so that nothing is lost
// that PostgreSQL has no value for: NUL in texts, nanoseconds, the types of CIM values.
//
// # Writing
//
// One process writes: it holds an advisory lock of the database for as long as its connection
// lives, and Open fails with [store.ErrLocked] for others. So what the writer has read stays true,
// and it remembers components, Options.CacheBytes of them: a transaction reads what it needs and
// is not remembered, and sends all it has changed in one batch, which the server runs as one
// transaction.
//
// # Lost connections
//
// An Update fails when the connection is lost, and the next one connects again. Where the loss
// leaves open whether the server has committed, Update waits until the server can say: an error
// means that nothing was done, unless the context ended or Close was called meanwhile.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cimwatch/cimwatch/store"
)

// Options are the settings of an inventory in PostgreSQL.
type Options struct {
	Password   string // of the URL's user; "": PGPASSWORD or the user's .pgpass file, as for psql
	ReadOnly   bool   // neither makes tables nor takes the lock; Update fails with ErrReadOnly
	CacheBytes int    // of components that the writer remembers; 0: 64 MiB

	LockTimeout time.Duration // how long it is waited for another writer; 0: 1 s

	// Journal tells which journal is taken in, and Last is the number of its last entry, without
	// what a crash had left in its intake: store.Store.LastWhole. Cursors in another journal mean
	// nothing, and those beyond what this one has of an earlier one are set back: see
	// Inventory.Found. The zero Journal is not compared.
	Journal store.Lineage
	Last    uint64

	// OnDoubt is called when the connection was lost while a transaction was committed and it
	// is waited for the server, with what is the matter, and with nil when that is over.
	OnDoubt func(error)

	After func(time.Duration) <-chan time.Time // nil: time.After
}

// Found is what Open found of an earlier journal.
type Found int

// What was found.
const (
	SameJournal    Found = iota // cursors are those of this journal, or there are none
	OtherJournal                // cursors were forgotten: this journal is taken in from its beginning
	EarlierJournal              // the journal was put back to before a cursor: cursors were set back to there
)

// Inventory is an open database. Its methods may be called from several goroutines at once.
type Inventory struct {
	options    Options
	config     *pgx.ConnConfig
	name       string // of the database, for errors
	pool       *pgxpool.Pool
	writer     *writer
	found      Found
	statements *statements
	swept      *row // where Condense goes on; only it uses it

	mu     sync.Mutex
	begun  sync.WaitGroup  // calls; none is added after Close has begun, under mu
	done   chan struct{}   // closed when Close has begun
	ending context.Context //nolint:containedctx // ends with done, for those that take a context
	end    context.CancelFunc
	closed bool
}

const (
	defaultCache = 64 << 20
	readers      = 4 // connections
)

// Open connects to the database at a URL, which begins with postgres:// and has no password in
// it, and makes or brings up to date its tables. A nil opts is the same as a zero Options. The
// error is store.ErrLocked when another process writes there, and store.ErrFormat when the
// tables were made by a newer version or, with ReadOnly, by none.
func Open(ctx context.Context, url string, opts *Options) (*Inventory, error) {
	s := &Inventory{done: make(chan struct{}), statements: newStatements()}
	s.ending, s.end = context.WithCancel(context.WithoutCancel(ctx))
	if opts != nil {
		s.options = *opts
	}
	if s.options.CacheBytes <= 0 {
		s.options.CacheBytes = defaultCache
	}
	if s.options.LockTimeout <= 0 {
		s.options.LockTimeout = time.Second
	}
	if s.options.After == nil {
		s.options.After = time.After
	}
	var err error
	if s.config, err = parse(url, s.options.Password); err != nil {
		s.end()
		return nil, &OpenError{"PostgreSQL database", err}
	}
	s.name = nameOf(s.config)
	if err := s.connect(ctx); err != nil {
		return nil, &OpenError{s.name, errors.Join(err, s.Close())}
	}
	return s, nil
}

// OpenError is why a database could not be opened. It holds no password.
type OpenError struct {
	Database string // in words
	Err      error
}

// Error returns "open DATABASE: why".
func (e *OpenError) Error() string { return "open " + e.Database + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *OpenError) Unwrap() error { return e.Err }

// connect makes the connections, and the tables where they are to be written.
func (s *Inventory) connect(ctx context.Context) error {
	if s.options.ReadOnly {
		if err := s.checkVersion(ctx); err != nil {
			return err
		}
		return s.connectPool(ctx)
	}
	s.writer = newWriter(s)
	if err := s.writer.lock(ctx); err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.writer.load(ctx); err != nil {
		return err
	}
	var err error
	if s.found, err = s.writer.adopt(ctx); err != nil {
		return err
	}
	return s.connectPool(ctx)
}

func (s *Inventory) connectPool(ctx context.Context) error {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return errConfig
	}
	config.ConnConfig, config.MaxConns = s.config.Copy(), readers
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// Found returns what Open found of an earlier journal.
func (s *Inventory) Found() Found { return s.found }

// Close ends what reads, waits some seconds for an update that is being sent and closes the
// connections. Reads and updates fail with store.ErrClosed from then on. Close may be called again.
func (s *Inventory) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	s.end()
	s.mu.Unlock()
	s.begun.Wait()
	if s.pool != nil {
		s.pool.Close()
	}
	if s.writer != nil {
		return s.writer.close()
	}
	return nil
}

// begin notes a call that Close waits for; end says that it is over.
func (s *Inventory) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, store.ErrClosed
	}
	s.begun.Add(1)
	return s.begun.Done, nil
}

// until returns a context that ends with Close, too. release gives free what it takes.
func (s *Inventory) until(ctx context.Context) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ending, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// closedBy makes the error of what Close has ended one.
func (s *Inventory) closedBy(err error) error {
	if err == nil || s.ending.Err() == nil || errors.Is(err, store.ErrClosed) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrClosed, err)
}

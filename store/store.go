// Package store keeps the journal of indications, the inventory and its history in one
// bbolt file, and beside it what has arrived and is not in the journal yet.
//
// The shortest useful program keeps an indication and reads it back:
//
//	s, err := store.Open("cimwatch.db", nil)
//	...
//	number, duplicate, err := s.Append(ctx, store.Entry{Received: time.Now(), Raw: body})
//	for entry, err := range s.Read(ctx, 0) { ... }
//
// # Journal
//
// Append returns when its entry is on disk, synced: what was appended is there after
// kill -9 or a power cut. One goroutine commits whatever has queued up, so that many
// callers share a sync. Entries are numbered from 1, without gaps, and no number is given
// twice. Bodies are compressed, an alert to a tenth.
//
// Keep promises the same and returns sooner: the entry is in a second file, the intake, and
// gets its number when the journal takes it in, a moment later. The intake is named like
// the store with ".intake" behind it and has at most 8 MiB. It is there from the first Keep
// on while the store is open, and stays after a crash, or a Close while the journal could
// not be written, until the next Open: who copies the file of a store that was not closed
// must copy both.
//
// # Sequences
//
// What came is remembered for each sender, path and sequence context, in the file. A
// repeated delivery is kept once; see [Entry]. Numbers that are left out may still come,
// for Options.GapLifetime, as late entries; then they are called a [Gap], once:
//
//	for gap, err := range s.Gaps(ctx, after) { ... }
//
// # Consumers
//
// What follows the journal has a name and a cursor, the number of the last entry it has
// dealt with. It waits for entries and reads those after its cursor:
//
//	after, err := s.Cursor(ctx, "inventory")
//	...
//	for s.Wait(ctx, after) == nil {
//		for entry, err := range s.Read(ctx, after) { ... }
//	}
//
// It does its work in [Store.Update] and moves its cursor in the same transaction, so that
// a crash repeats work and loses none:
//
//	err := s.Update(ctx, func(tx *store.Tx) error {
//		_, err := tx.Apply(host, func(v inventory.View) inventory.Delta {
//			return inventory.Apply(v, event)
//		})
//		return cmp.Or(err, tx.SetCursor("inventory", entry.Number))
//	})
//
// # Inventory
//
// Components are found by what is asked for, not by going through all of them:
//
//	q := inventory.Query{Kinds: []inventory.Kind{inventory.KindDisk}, AtLeast: inventory.Warning}
//	for component, err := range s.Find(ctx, q) { ... }
//
// Indexes by health, kind, vendor, serial and part number are kept in the transaction that
// changes a component, and so is the summary of its host. A file of an older format gets
// them when it is opened to write; who opens it to read only does without.
//
// # Retention
//
// Entries are dropped by age and size, an hour or 4 MiB at a time, while others are kept:
// see Options.MaxAge and MaxBytes. A consumer finds those it has not taken, unless
// Options.DropUnread is set. So are changes of the history, a component at a time: see
// Options.HistoryChanges and HistoryAge.
//
// # Concurrency
//
// All methods of a Store may be called from several goroutines at once, those of a Tx only
// from the function it was given to.
//
// # Caveats
//
// Who waits for the disk keeps a processor of Go's scheduler. A program that is to keep many
// entries a second on few processors gives it one more (runtime.GOMAXPROCS): of two, the
// store would leave little more than one to the rest.
//
// One process at a time has a file open for writing; Open fails with [ErrLocked] for
// others, readers among them. Values are in the encoding of codec.go, with a version in
// the first byte of each.
package store

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Options are the settings of a store.
type Options struct {
	QueueEntries int           // appended or kept and not yet committed, at most; 0: 8192
	QueueBytes   int           // the same in bytes; 0: 16 MiB
	RepeatWindow time.Duration // within it, equal contents without sequence numbers are one; 0: 90 s
	LockTimeout  time.Duration // how long Open waits for another process; 0: 1 s
	ReadOnly     bool          // fails with ErrLocked while a writer has the file; see Stats.Left

	// Retention. What a named consumer has not taken is not dropped, unless DropUnread says
	// so; nor are the last entries. The file gets no smaller, its room is used again.
	MaxAge     time.Duration // entries received earlier are dropped, give or take an hour; 0: none are
	MaxBytes   int64         // of all entries, as they are kept, give or take 4 MiB; 0: no limit
	DropUnread bool

	// Retention of history. Of each component, the first change stays, which tells how it
	// came, and one stands for those that are dropped: see inventory.Retention.
	HistoryChanges int           // the latest so many of each component are kept; 0: all
	HistoryAge     time.Duration // those that got known longer ago are dropped, and all of what is gone; 0: none are

	// GapLifetime is how long a missing number may still come. 0: 15 minutes, 10 x attempts
	// x interval of DSP1054.
	GapLifetime time.Duration
	// OnGap is called after a gap was called and noted, by the goroutine that commits. A
	// crash between may leave it out: see Gaps for those who must know.
	OnGap func(Gap)

	MaintainEvery time.Duration                        // how often Maintain runs on its own; 0: 30 s
	Now           func() time.Time                     // nil: time.Now
	After         func(time.Duration) <-chan time.Time // nil: time.After

	// OnCommit is called after each commit of journal entries, by the goroutine that
	// commits: it holds up the next commit, not the answers of this one.
	OnCommit func(CommitInfo)
	// OnKept is called by the same goroutine for each entry that Keep was called with, once
	// the journal has taken it in or found it to be a duplicate; not for those that a crash
	// left and Open took in.
	OnKept func(e *Entry, duplicate bool)
}

func (o *Options) orDefaults() Options {
	var set Options
	if o != nil {
		set = *o
	}
	if set.QueueEntries <= 0 {
		set.QueueEntries = 8192
	}
	if set.QueueBytes <= 0 {
		set.QueueBytes = 16 << 20
	}
	if set.RepeatWindow <= 0 {
		set.RepeatWindow = 3 * 30 * time.Second // attempts x interval of DSP1054
	}
	if set.GapLifetime <= 0 {
		set.GapLifetime = 10 * 3 * 30 * time.Second
	}
	if set.MaintainEvery <= 0 {
		set.MaintainEvery = 30 * time.Second
	}
	if set.Now == nil {
		set.Now = time.Now
	}
	if set.After == nil {
		set.After = time.After
	}
	if set.LockTimeout <= 0 {
		set.LockTimeout = time.Second
	}
	return set
}

// Store is an open file.
type Store struct {
	options    Options
	db         *bbolt.DB
	queue      *queue
	intake     *intake
	windows    *windows // only the committer uses it
	compressor *compressor
	waiters    sync.Pool // of *waiter
	whole      uint64    // number of the last entry when it was opened, without what the intake had
	unindexed  bool      // with ReadOnly: the file has no indexes, or not all of them

	closing    sync.Once
	committed  chan struct{} // closed when the committer has ended
	maintained chan struct{} // closed when the maintenance has ended
	done       chan struct{} // closed when Close has begun

	maintaining sync.Mutex    // held while the store is maintained
	gapsKnown   bool          // the committer knows of gaps that were open; under maintaining
	swept       []byte        // where the sweep of the history goes on; under maintaining
	dropped     atomic.Bool   // there are dropped segments that take up room
	room        chan struct{} // asks for one to be given free

	mu    sync.Mutex
	last  uint64        // number of the last committed entry
	moved chan struct{} // closed, and made anew, when last changes
	stats Stats         // without what the queue knows
}

// mapped is how much address space Open reserves, so that a growing file rarely has to
// wait for readers to be mapped again.
const mapped = 1 << 28

// Open opens the file at path and creates it when there is none, or an empty one, readable by its
// owner only. A nil opts is the same as a zero Options. The error is ErrLocked when another
// process has the file, ErrFormat when it is of another kind or of a newer version, with ErrCut or
// ErrFirstPages when it is a store's, and damaged.
func Open(path string, opts *Options) (*Store, error) {
	o := opts.orDefaults()
	if err := checkSize(path); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	db, err := openBolt(path, &o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	s := &Store{
		options:    o,
		db:         db,
		queue:      newQueue(o.QueueEntries, o.QueueBytes),
		intake:     newIntake(intakePath(path)),
		windows:    newWindows(rules{o.RepeatWindow, o.GapLifetime}),
		compressor: newCompressor(),
		waiters:    sync.Pool{New: newWaiter},
		committed:  make(chan struct{}),
		maintained: make(chan struct{}),
		done:       make(chan struct{}),
		room:       make(chan struct{}, 1),
		moved:      make(chan struct{}),
	}
	err = s.prepare()
	if err == nil {
		err = s.recover(s.intake.path)
	}
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, errors.Join(err, db.Close()))
	}
	if o.ReadOnly {
		close(s.committed)
		close(s.maintained)
	} else {
		go s.logLoop()
		go s.commitLoop()
		go s.maintainLoop()
	}
	return s, nil
}

// prepare checks the format, creates what an empty file or one of an older format lacks, finds the last number, and
// reads the end of the journal after a crash.
func (s *Store) prepare() error {
	empty := false
	err := s.readBolt(func(tx *bbolt.Tx) error {
		first, _ := tx.Cursor().First()
		empty = first == nil
		return nil
	})
	switch {
	case err != nil || s.options.ReadOnly:
	case empty:
		// Who made the file may have let others read it: it gets a secret.
		if err = os.Chmod(s.db.Path(), 0o600); err == nil {
			err = s.writeBolt(format)
		}
	default:
		err = s.upgrade()
	}
	if err != nil {
		return err
	}
	return s.readBolt(func(tx *bbolt.Tx) error {
		if err := checkFormat(tx); err != nil {
			return err
		}
		s.unindexed = !isIndexed(tx)
		s.last = tx.Bucket(bucketJournal).Sequence()
		s.whole = s.last
		if s.options.ReadOnly {
			return nil
		}
		name, _ := tx.Bucket(bucketJournal).Cursor().First()
		s.dropped.Store(name != nil && segmentOf(name).first < firstNumber(tx))
		return s.windows.rebuild(tx)
	})
}

// Close commits what has been appended and kept, ends Read and Wait, and closes the file. Append
// and Update fail with ErrClosed from then on. Close may be called again.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.done)
		s.queue.close()
		<-s.committed
		<-s.maintained
		err = errors.Join(s.intake.close(), s.db.Close())
	})
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// closed returns ErrClosed once Close has begun.
func (s *Store) closed() error {
	select {
	case <-s.done:
		return ErrClosed
	default:
		return nil
	}
}

// view runs a read transaction.
func (s *Store) view(read func(*bbolt.Tx) error) error {
	if err := s.closed(); err != nil {
		return err
	}
	return asClosed(s.readBolt(read))
}

// asClosed translates the error of a database that was closed in between.
func asClosed(err error) error {
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// Size returns the size of the file in bytes.
func (s *Store) Size() (int64, error) {
	info, err := os.Stat(s.db.Path())
	if err != nil {
		return 0, fmt.Errorf("size of store: %w", err)
	}
	return info.Size(), nil
}

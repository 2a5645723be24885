package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// History is condensed by a sweep: each maintenance looks at the next components and drops what
// is too much of theirs, in short transactions of its own, and goes on there the next time. It
// stops for as long as there are many free pages, whose list is written with every commit.

const (
	sweepKeys    = 1 << 16 // runs of changes that one maintenance looks at, and those of one component more
	sweepDrops   = 1 << 14 // changes that one maintenance drops, and those of one component more
	sweepTx      = 1 << 10 // changes that one transaction drops, and those of one component more
	sweepChanges = 1 << 12 // of one component that are read and dropped at once, and the rest of a run

	sweepFree = 2 * enoughFree // pages: nothing is dropped when there are as many
)

// retention returns what the options say of history.
func (s *Store) retention() inventory.Retention {
	return inventory.Retention{Changes: max(s.options.HistoryChanges, 0), Age: max(s.options.HistoryAge, 0)}
}

// condense drops changes that are too many or too old, and returns how many. A component
// whose changes cannot be read is passed over.
func (s *Store) condense(ended func() error) (dropped uint64, err error) {
	r := s.retention()
	if r == (inventory.Retention{}) {
		return 0, nil
	}
	c := condenser{store: s, retention: r}
	if err := s.indexHistory(); err != nil {
		return 0, fmt.Errorf("condense history: %w", err)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		c.due, s.swept = sweep{r, s.options.Now(), tx}.findDue(tx.Bucket(bucketHistoryOf), s.swept)
		return nil
	})
	for err == nil && len(c.due) > 0 {
		if c.dropped >= sweepDrops || s.freePages() >= sweepFree {
			s.swept = c.due[0]
			break
		}
		if err = ended(); err == nil {
			err = c.some()
		}
	}
	if err = errors.Join(err, c.damaged); err != nil {
		err = fmt.Errorf("condense history: %w", err)
	}
	return c.dropped, err
}

// indexHistory brings the runs up to date, if they are not.
func (s *Store) indexHistory() error {
	behind := false
	err := s.view(func(tx *bbolt.Tx) error {
		behind = tx.Bucket(bucketChanges).Sequence() != lastInRuns(tx)
		return nil
	})
	if err != nil || !behind {
		return err
	}
	return asClosed(s.writeBolt(indexTail))
}

// A condenser condenses the history of components that are due.
type condenser struct {
	store     *Store
	retention inventory.Retention
	due       [][]byte // prefixes of their runs
	dropped   uint64
	damaged   error // the last one that could not be read
}

// some condenses the next components in one transaction.
func (c *condenser) some() error {
	var planned []condensing
	var drops uint64
	err := c.store.view(func(tx *bbolt.Tx) error {
		for len(c.due) > 0 && drops < min(sweepTx, sweepDrops-c.dropped) {
			plan, ok, err := planCondensing(tx, c.due[0], c.retention, c.store.options.Now())
			if err != nil {
				c.damaged = err
			} else if ok {
				planned = append(planned, plan)
				drops += uint64(len(plan.drop))
			}
			c.due = c.due[1:]
		}
		return nil
	})
	if err != nil || len(planned) == 0 {
		return asClosed(err)
	}
	err = c.store.writeBolt(func(tx *bbolt.Tx) error {
		for n := range planned {
			if err := planned[n].carryOut(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		c.dropped += drops
	}
	return asClosed(err)
}

// errDamaged says that a change cannot be read.
var errDamaged = errors.New("change is damaged")

// sweep looks for components with changes to drop.
type sweep struct {
	r   inventory.Retention
	now time.Time
	tx  *bbolt.Tx
}

// findDue returns the components that may have changes to drop, by the prefix of their runs,
// from one place of the index to the next, which it returns too: nil at the end.
func (s sweep) findDue(index *bbolt.Bucket, start []byte) (due [][]byte, next []byte) {
	var of []byte
	var second uint64
	count, looked := 0, 0
	end := func() {
		if count > 1 && (s.r.Changes > 0 && count-1 > s.r.Changes || s.isOld(of, second)) {
			due = append(due, of)
		}
	}
	for k, v := range from(index, nil, start) {
		prefix := k[:max(len(k)-8, 0)]
		if !bytes.Equal(prefix, of) {
			end()
			of, count = bytes.Clone(prefix), 0
			if looked >= sweepKeys {
				return due, of
			}
		}
		if before := count; before < 2 {
			run, _ := decodeRun(nil, k, v) // what is damaged there Check tells of
			if len(run)+before > 1 {
				second = run[1-before]
			}
		}
		count += runLength(v)
		looked++
	}
	end()
	return due, nil
}

// isOld reports whether the second change of a component, which is the first that may be dropped,
// is old or stands for others.
func (s sweep) isOld(of []byte, number uint64) bool {
	if s.r.Age <= 0 {
		return false
	}
	c, err := decodeChange(changeAt(s.tx, hostOf(of), number))
	return err != nil || c.Kind == inventory.Condensed || s.now.Sub(c.Known) > s.r.Age
}

// condensing is what is to be done to the changes of a component.
type condensing struct {
	of   []byte
	drop []uint64
	at   uint64 // the change that with takes the place of; 0: none
	with inventory.Change
}

// planCondensing says what is to be done to the changes of a component, if anything is.
func planCondensing(tx *bbolt.Tx, of []byte, r inventory.Retention, now time.Time) (c condensing, ok bool, err error) {
	changes, numbers, more, err := changesOf(tx, of)
	if err != nil {
		return c, false, err
	}
	done := r.Condense(changes, more, now)
	if done == nil {
		return c, false, nil
	}
	c = condensing{of: of, with: done.With}
	for _, n := range done.Drop {
		c.drop = append(c.drop, numbers[n])
	}
	if done.At >= 0 {
		c.at = numbers[done.At]
	}
	return c, true, nil
}

func (c *condensing) carryOut(tx *bbolt.Tx) error {
	host := hostOf(c.of)
	for _, number := range c.drop {
		if err := dropChange(tx, host, number); err != nil {
			return err
		}
	}
	if err := dropFromRuns(tx.Bucket(bucketHistoryOf), c.of, c.drop); err != nil || c.at == 0 {
		return err
	}
	return replaceChange(tx, host, c.at, encodeChange(&c.with))
}

// dropFromRuns takes some of the first numbers of a component, ascending, out of its runs.
func dropFromRuns(index *bbolt.Bucket, of []byte, drop []uint64) error {
	var runs [][]byte // keys of those that have any of them
	var keep []uint64
	for k, v := range from(index, of, of) {
		if !isRunOf(k, of) {
			continue
		}
		if number64(k[len(of):]) > drop[len(drop)-1] {
			break
		}
		run, err := decodeRun(nil, k, v)
		if err != nil {
			return err
		}
		runs, keep = append(runs, bytes.Clone(k)), append(keep, run...)
	}
	for _, k := range runs {
		if err := index.Delete(k); err != nil {
			return err
		}
	}
	keep = slices.DeleteFunc(keep, func(n uint64) bool {
		_, dropped := slices.BinarySearch(drop, n)
		return dropped
	})
	return putRuns(index, of, keep)
}

// changesOf reads the first changes of a component and their numbers, and counts the others.
func changesOf(tx *bbolt.Tx, of []byte) (changes []inventory.Change, numbers []uint64, more int, err error) {
	for k, v := range from(tx.Bucket(bucketHistoryOf), of, of) {
		if !isRunOf(k, of) {
			continue // of another component, whose ID begins like this one's
		}
		if len(numbers) >= sweepChanges {
			more += runLength(v)
		} else if numbers, err = decodeRun(numbers, k, v); err != nil {
			return nil, nil, 0, fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	for _, number := range numbers {
		c, err := decodeChange(changeAt(tx, hostOf(of), number))
		if err != nil {
			return nil, nil, 0, fmt.Errorf("%w: number %d: %w", errDamaged, number, err)
		}
		changes = append(changes, c)
	}
	return changes, numbers, more, nil
}

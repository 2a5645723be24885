package store

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// History is condensed by a sweep: each maintenance looks at the next components and drops what
// is too much of theirs, in transactions of its own that are as short as one alert's, and
// goes on there the next time. It stops for as long as there are many free pages, whose list
// is written with every commit.

const (
	sweepKeys    = 1 << 16 // of the index of changes that one maintenance looks at, and those of one component more
	sweepDrops   = 1 << 14 // changes that one maintenance drops, and those of one component more
	sweepChanges = 1 << 12 // of one component that are read and dropped at once

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
	var due [][]byte
	err = s.view(func(tx *bbolt.Tx) error {
		sweep := sweep{r, s.options.Now(), tx.Bucket(bucketHistory)}
		due, s.swept = sweep.findDue(tx.Bucket(bucketHistoryOf), s.swept)
		return nil
	})
	var damaged error
	for _, of := range due {
		if err == nil {
			err = ended()
		}
		if err != nil {
			break
		}
		if dropped >= sweepDrops || s.freePages() >= sweepFree {
			s.swept = of
			break
		}
		n, failed := s.condenseOne(of, r)
		if errors.Is(failed, errDamaged) {
			damaged = failed
		} else {
			err = failed
		}
		dropped += n
	}
	if err = errors.Join(err, damaged); err != nil {
		err = fmt.Errorf("condense history: %w", err)
	}
	return dropped, err
}

// errDamaged says that a change cannot be read.
var errDamaged = errors.New("change is damaged")

// sweep looks for components with changes to drop.
type sweep struct {
	r       inventory.Retention
	now     time.Time
	history *bbolt.Bucket
}

// findDue returns the components that may have changes to drop, by their prefix in the index
// of changes, from one place of the index to the next, which it returns too: nil at the end.
func (s sweep) findDue(index *bbolt.Bucket, start []byte) (due [][]byte, next []byte) {
	var of, second []byte
	count, looked := 0, 0
	end := func() {
		if count > 1 && (s.r.Changes > 0 && count-1 > s.r.Changes || s.isOld(of, second)) {
			due = append(due, of)
		}
	}
	for k := range from(index, nil, start) {
		prefix := k[:max(len(k)-8, 0)]
		if !bytes.Equal(prefix, of) {
			end()
			of, count = bytes.Clone(prefix), 0
			if looked >= sweepKeys {
				return due, of
			}
		}
		if count++; count == 2 {
			second = bytes.Clone(k[len(prefix):])
		}
		looked++
	}
	end()
	return due, nil
}

// isOld reports whether the second change of a component, which is the first that may be dropped,
// is old or stands for others.
func (s sweep) isOld(of, number []byte) bool {
	if s.r.Age <= 0 {
		return false
	}
	c, err := decodeChange(s.history.Get(changeKey(of, number)))
	return err != nil || c.Kind == inventory.Condensed || s.now.Sub(c.Known) > s.r.Age
}

// condenseOne drops what is too much of one component.
func (s *Store) condenseOne(of []byte, r inventory.Retention) (dropped uint64, err error) {
	var changes []inventory.Change
	var numbers [][]byte
	more := 0
	err = s.view(func(tx *bbolt.Tx) (err error) {
		changes, numbers, more, err = changesOf(tx, of)
		return err
	})
	if err != nil {
		return 0, err
	}
	done := r.Condense(changes, more, s.options.Now())
	if done == nil {
		return 0, nil
	}
	err = s.writeBolt(func(tx *bbolt.Tx) error {
		history, index := tx.Bucket(bucketHistory), tx.Bucket(bucketHistoryOf)
		for _, n := range done.Drop {
			if err := errors.Join(history.Delete(changeKey(of, numbers[n])), index.Delete(append(bytes.Clone(of), numbers[n]...))); err != nil {
				return err
			}
		}
		if done.At < 0 {
			return nil
		}
		return history.Put(changeKey(of, numbers[done.At]), encodeChange(&done.With))
	})
	return uint64(len(done.Drop)), asClosed(err)
}

// changesOf reads the first changes of a component and their numbers, and counts the others.
func changesOf(tx *bbolt.Tx, of []byte) (changes []inventory.Change, numbers [][]byte, more int, err error) {
	for k := range from(tx.Bucket(bucketHistoryOf), of, of) {
		if len(k) != len(of)+8 {
			continue // of another component, whose ID begins like this one's
		}
		if len(changes) == sweepChanges {
			more++
			continue
		}
		number := bytes.Clone(k[len(of):])
		c, err := decodeChange(tx.Bucket(bucketHistory).Get(changeKey(of, number)))
		if err != nil {
			return nil, nil, 0, fmt.Errorf("%w: number %d: %w", errDamaged, number64(number), err)
		}
		changes, numbers = append(changes, c), append(numbers, number)
	}
	return changes, numbers, more, nil
}

// changeKey returns the key of a change by its component's prefix in the index.
func changeKey(of, number []byte) []byte {
	host, _, _ := bytes.Cut(of, []byte{0})
	return append(hostPrefix(string(host)), number...)
}

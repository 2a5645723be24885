package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/cimwatch/cimwatch/inventory"
)

var errNotNumber = errors.New("it is no number")

// valid returns what is wrong with a record of a bucket.
func (s *salvager) valid(bucket, key, value []byte) (err error) {
	switch string(bucket) {
	case string(bucketMeta): // what is wrong there Inspect finds
	case string(bucketJournal):
		err = s.validEntry(key, value)
	case string(bucketSenders):
		_, err = decodeWindow(value)
	case string(bucketCursors), string(bucketGapCursors):
		if len(value) != 8 {
			err = errNotNumber
		}
	case string(bucketGaps):
		if len(key) != 8 {
			err = errNotNumber
		} else {
			_, err = decodeGap(number64(key), value)
		}
	default:
		err = validInventory(bucket, key, value)
	}
	return err
}

func (s *salvager) validEntry(key, value []byte) error {
	if len(key) != 8 || number64(key) == 0 {
		return errNotNumber
	}
	return checkedEntry(number64(key), value, s.compressor)
}

func validInventory(bucket, key, value []byte) (err error) {
	var want []byte
	switch string(bucket) {
	case string(bucketHosts):
		var h inventory.Host
		h, err = decodeHost(value)
		want = []byte(h.Name)
	case string(bucketComponents):
		var c inventory.Component
		c, err = decodeComponent(value)
		want = componentKey(c.Host, c.ID)
	case string(bucketHistory):
		var c inventory.Change
		c, err = decodeChange(value)
		want = formerKey([]byte(c.Host), number64(key[max(0, len(key)-8):]))
	case string(bucketChanges):
		_, err = decodeChange(value)
		want = key64(number64(key))
	default:
		err = errors.New("its bucket is not known")
	}
	if err == nil && (!bytes.Equal(want, key) || len(key) == 0) {
		err = errors.New("it is another one than its key says")
	}
	return err
}

// journal makes the journal of the entries that were found, and notes those that are lost.
func (s *salvager) journal() error {
	for _, v := range within(s.tx.Bucket(bucketCursors), nil) {
		s.last = max(s.last, number64(v)) // no number is given twice
	}
	first, err := s.firstEntry()
	if err != nil {
		return err
	}
	missing, err := decodeLost(s.tx.Bucket(bucketMeta).Get(keyLost))
	if err != nil {
		s.out.lose(string(bucketMeta), fmt.Errorf("which entries were lost before: %w", err))
	}
	last, err := s.fillJournal(first, &missing)
	if err != nil {
		return err
	}
	if !missing.explain(last, s.last+1) {
		missing.add(last, s.last+1)
	}
	if !s.ended {
		s.out.lose(string(bucketJournal), fmt.Errorf("whether there were entries after %d is not known", s.last))
	}
	s.out.LostEntries = missing.count()
	slices.SortFunc(missing, func(a, b [2]uint64) int { return cmp.Compare(a[0], b[0]) })
	if err := s.tx.Bucket(bucketMeta).Put(keyLost, missing.encode()); err != nil {
		return err
	}
	return s.windows(last)
}

// firstEntry returns the first entry that was not dropped; where that is lost, the first
// that there is.
func (s *salvager) firstEntry() (uint64, error) {
	meta := s.tx.Bucket(bucketMeta)
	k, _ := meta.Cursor().First()
	second, _ := meta.Cursor().Seek(append(bytes.Clone(k), 0))
	if second != nil { // there is more than the format
		return firstNumber(s.tx), nil
	}
	found, _ := s.tx.Bucket(bucketSalvaged).Cursor().First()
	first := max(number64(found), 1)
	return first, meta.Put(keyFirst, key64(first))
}

// fillJournal puts the entries that were found into segments, and returns the last.
func (s *salvager) fillJournal(first uint64, missing *lost) (last uint64, err error) {
	last = first - 1
	for {
		a := appender{journal: s.tx.Bucket(bucketJournal), last: last}
		count := 0
		for k, v := range from(s.tx.Bucket(bucketSalvaged), nil, key64(last+1)) {
			e, err := decodeEntry(number64(k), v, nil)
			if err != nil {
				return last, err
			}
			if !missing.explain(a.last, e.Number) {
				missing.add(a.last, e.Number)
			}
			a.last = e.Number - 1
			if err := a.put(bytes.Clone(v), e.Received); err != nil {
				return last, err
			}
			if count++; count == salvageTx {
				break
			}
		}
		if last = a.last; last > s.last {
			s.last = last
		}
		if err := errors.Join(a.close(), a.journal.SetSequence(s.last)); err != nil || count < salvageTx {
			return last, err
		}
		s.records = salvageTx
		if err := s.next(); err != nil {
			return last, err
		}
	}
}

// windows has Open work out from the whole journal what came of each sender, where
// anything is lost.
func (s *salvager) windows(last uint64) error {
	meta := s.tx.Bucket(bucketMeta)
	if len(s.out.Lost) == 0 && number64(meta.Get(keyWindows)) <= last {
		return nil
	}
	return meta.Delete(keyWindows)
}

// inventory makes what the records of the inventory need beside them.
func (s *salvager) inventory() error {
	hosts := s.tx.Bucket(bucketHosts)
	for k := range within(s.tx.Bucket(bucketComponents), nil) {
		name := hostOf(k)
		if hosts.Get(name) == nil {
			if err := hosts.Put(bytes.Clone(name), encodeHost(&inventory.Host{Name: string(name)})); err != nil {
				return err
			}
		}
	}
	return s.indexHistory()
}

func (s *salvager) indexHistory() error {
	last := s.tx.Bucket(bucketHistory).Sequence()
	for start := []byte(nil); ; {
		history, index := s.tx.Bucket(bucketHistory), s.tx.Bucket(bucketHistoryOf)
		count := 0
		for k, v := range from(history, nil, start) {
			c, err := decodeChange(v)
			if err != nil {
				return fmt.Errorf("change %q: %w", k, err)
			}
			number := number64(k[len(k)-8:])
			last = max(last, number)
			if err := putRuns(index, historyPrefix(c.Host, c.ID), []uint64{number}); err != nil {
				return err
			}
			if count++; count == salvageTx {
				start = append(bytes.Clone(k), 0)
				break
			}
		}
		if count < salvageTx {
			return errors.Join(history.SetSequence(last), s.gapSequence())
		}
		s.records = salvageTx
		if err := s.next(); err != nil {
			return err
		}
	}
}

func (s *salvager) gapSequence() error {
	gaps := s.tx.Bucket(bucketGaps)
	k, _ := gaps.Cursor().Last()
	return gaps.SetSequence(max(gaps.Sequence(), number64(k)))
}

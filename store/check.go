package store

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// Check reads the whole file and returns what is wrong with it, all of it joined: pages,
// records that do not decode, numbers out of order, cursors beyond the journal, history
// and its index that disagree.
func (s *Store) Check(ctx context.Context) error {
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		var found []error
		for err := range tx.Check() {
			found = append(found, err)
		}
		for _, check := range []func(*bbolt.Tx) error{
			checkJournal, checkSenders, checkCursors, checkGaps, checkHosts, checkComponents, checkHistory,
		} {
			if err := ctx.Err(); err != nil {
				return err
			}
			found = append(found, check(tx))
		}
		return errors.Join(found...)
	})
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	return nil
}

func checkJournal(tx *bbolt.Tx) error {
	journal := tx.Bucket(bucketJournal)
	c := newCompressor()
	last := uint64(0)
	for name := range within(journal, nil) {
		seg, records := segmentOf(name), journal.Bucket(name)
		if seg.first <= last {
			return fmt.Errorf("journal segment %d is out of order", seg.first)
		}
		if first, _ := records.Cursor().First(); number64(first) != seg.first {
			return fmt.Errorf("journal segment %d begins with entry %d", seg.first, number64(first))
		}
		if last > 0 && seg.first != last+1 {
			return fmt.Errorf("journal segment %d follows entry %d", seg.first, last)
		}
		last = seg.first - 1
		size := uint64(0)
		for k, v := range within(records, nil) {
			if number64(k) != last+1 {
				return fmt.Errorf("journal entry %d follows %d", number64(k), last)
			}
			last++
			if _, err := decodeEntry(last, v, c); err != nil {
				return err
			}
			size += uint64(len(v))
		}
		if size != records.Sequence() {
			return fmt.Errorf("journal segment %d has %d bytes, not %d", seg.first, size, records.Sequence())
		}
	}
	if last != journal.Sequence() {
		return fmt.Errorf("journal entry %d is the last, not %d", last, journal.Sequence())
	}
	return nil
}

func checkGaps(tx *bbolt.Tx) error {
	return tx.Bucket(bucketGaps).ForEach(func(k, v []byte) error {
		_, err := decodeGap(number64(k), v)
		return err
	})
}

func checkSenders(tx *bbolt.Tx) error {
	return tx.Bucket(bucketSenders).ForEach(func(k, v []byte) error {
		if _, err := decodeWindow(v); err != nil {
			return fmt.Errorf("sender %q: %w", k, err)
		}
		return nil
	})
}

func checkCursors(tx *bbolt.Tx) error {
	last := tx.Bucket(bucketJournal).Sequence()
	return tx.Bucket(bucketCursors).ForEach(func(k, v []byte) error {
		if n := number64(v); n > last {
			return fmt.Errorf("cursor %s is at %d, the last entry is %d", k, n, last)
		}
		return nil
	})
}

func checkHosts(tx *bbolt.Tx) error {
	return tx.Bucket(bucketHosts).ForEach(func(k, v []byte) error {
		h, err := decodeHost(v)
		if err == nil && h.Name != string(k) {
			err = fmt.Errorf("it holds %q", h.Name)
		}
		if err != nil {
			return fmt.Errorf("host %s: %w", k, err)
		}
		return nil
	})
}

func checkComponents(tx *bbolt.Tx) error {
	hosts := tx.Bucket(bucketHosts)
	return tx.Bucket(bucketComponents).ForEach(func(k, v []byte) error {
		c, err := decodeComponent(v)
		switch {
		case err != nil:
		case string(componentKey(c.Host, c.ID)) != string(k):
			err = fmt.Errorf("it holds %q of %q", c.ID, c.Host)
		case hosts.Get([]byte(c.Host)) == nil:
			err = errors.New("its host is not listed")
		}
		if err != nil {
			return fmt.Errorf("component %q: %w", k, err)
		}
		return nil
	})
}

func checkHistory(tx *bbolt.Tx) error {
	history, index := tx.Bucket(bucketHistory), tx.Bucket(bucketHistoryOf)
	changes := 0
	err := history.ForEach(func(k, v []byte) error {
		changes++
		c, err := decodeChange(v)
		if err != nil {
			return fmt.Errorf("change %q: %w", k, err)
		}
		number := k[max(0, len(k)-8):]
		if string(append(hostPrefix(c.Host), number...)) != string(k) || number64(number) > history.Sequence() {
			return fmt.Errorf("change %q is of host %s", k, c.Host)
		}
		if index.Get(append(historyPrefix(c.Host, c.ID), number...)) == nil {
			return fmt.Errorf("change %q of %s is not in the index", k, c.ID)
		}
		return nil
	})
	indexed := 0
	for range within(index, nil) {
		indexed++
	}
	if err == nil && indexed != changes {
		err = fmt.Errorf("the index names %d changes, there are %d", indexed, changes)
	}
	return err
}

package store

import (
	"bytes"
	"fmt"
	"slices"
)

// restPrefix begins the keys of the cursors that rest, among those of meta.
var restPrefix = []byte("rest ")

func restKey(consumer string) []byte { return append(slices.Clip(restPrefix), consumer...) }

// RestCursor sets a consumer aside that may go on another time: where it is stays known, and
// entries are no longer kept for it.
func (tx *Tx) RestCursor(consumer string) error {
	cursors := tx.tx.Bucket(bucketCursors)
	number := bytes.Clone(cursors.Get([]byte(consumer)))
	if number == nil {
		return nil
	}
	if err := tx.tx.Bucket(bucketMeta).Put(restKey(consumer), number); err != nil {
		return fmt.Errorf("rest cursor %s: %w", consumer, err)
	}
	return tx.DeleteCursor(consumer)
}

// WakeCursors has all consumers that were set aside go on from where they were, and returns
// them. What was dropped meanwhile they do not find; none is beyond the end of the journal.
func (tx *Tx) WakeCursors() (map[string]uint64, error) {
	meta, woken := tx.tx.Bucket(bucketMeta), map[string]uint64{}
	last := tx.tx.Bucket(bucketJournal).Sequence()
	for k, v := range within(meta, restPrefix) {
		woken[string(k[len(restPrefix):])] = min(number64(v), last)
	}
	for consumer, number := range woken {
		if err := tx.SetCursor(consumer, number); err != nil {
			return nil, err
		}
		if err := meta.Delete(restKey(consumer)); err != nil {
			return nil, fmt.Errorf("wake cursor %s: %w", consumer, err)
		}
	}
	return woken, nil
}

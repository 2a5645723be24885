package store

import "go.etcd.io/bbolt"

// flush writes the windows that are to be written, some more that changed, and how far the
// file knows them all: up to the last entry of this transaction at most.
func (ws *windows) flush(tx *bbolt.Tx, last uint64, some int) (written bool, err error) {
	senders := tx.Bucket(bucketSenders)
	write := func(key string) error {
		w := ws.cache[key]
		if w == nil {
			return nil // forgotten meanwhile
		}
		ws.save(key)
		w.dirtySince, written = 0, true
		return senders.Put([]byte(key), w.encode())
	}
	for _, key := range ws.fresh {
		if err := write(key); err != nil {
			return written, err
		}
	}
	for len(ws.queue) > 0 {
		next := ws.queue[0]
		current := ws.cache[next.key]
		stale := current == nil || current.dirtySince != next.since
		if !stale && some == 0 && next.since+flushAfter > last {
			break
		}
		ws.queue = ws.queue[1:]
		if stale {
			continue
		}
		some = max(some-1, 0)
		if err := write(next.key); err != nil {
			return written, err
		}
	}
	if !written {
		return false, nil
	}
	if len(ws.queue) > 0 {
		last = ws.queue[0].since - 1
	}
	return true, tx.Bucket(bucketMeta).Put(keyWindows, key64(last))
}

// rebuild takes in the entries that the windows in the file do not know of.
func (ws *windows) rebuild(tx *bbolt.Tx) error {
	senders := tx.Bucket(bucketSenders)
	ws.begin()
	var ahead readahead
	for number, record := range entriesAfter(tx, number64(tx.Bucket(bucketMeta).Get(keyWindows))) {
		ahead.at(tx, record)
		e, err := decodeEntry(number, record, nil)
		if err != nil {
			return err
		}
		r := &request{entry: &e, hash: number64(e.ContentHash)}
		r.sender, r.prefix = senderKey(&e)
		if w, err := ws.get(senders, r.sender, r.prefix); err != nil {
			return err
		} else if w.entry >= number {
			continue
		}
		if _, err := ws.note(senders, r); err != nil {
			return err
		}
	}
	ws.end(true)
	return nil
}

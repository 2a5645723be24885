package store

import (
	"context"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"
)

// What one transaction reads at most, so that a slow reader keeps no transaction open: that
// would keep pages from being used again and Close from ending.
const (
	chunkRecords = 256
	chunkBytes   = 1 << 20
)

// LastNumber returns the number of the last entry in the journal, 0 when there is none.
func (s *Store) LastNumber() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Read returns the entries after number after, in order, up to the last that is in the journal.
// Those that were dropped are passed over. The sequence ends after the first error.
func (s *Store) Read(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return s.readFrom(ctx, after, s.compressor)
}

// ReadHeads is Read without Raw, which is several times as fast.
func (s *Store) ReadHeads(ctx context.Context, after uint64) iter.Seq2[Entry, error] {
	return s.readFrom(ctx, after, nil)
}

func (s *Store) readFrom(ctx context.Context, after uint64, c *compressor) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		r := newChunkReader(c)
		for {
			entries, err := s.readChunk(ctx, after, r)
			if err != nil {
				yield(Entry{}, fmt.Errorf("read journal after %d: %w", after, err))
				return
			}
			if len(entries) == 0 {
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			after = entries[len(entries)-1].Number
		}
	}
}

// A chunkReader is what one Read needs from chunk to chunk.
type chunkReader struct {
	ahead    readahead
	numbers  []uint64 // of records
	records  [][]byte // of the file, during a transaction
	decoders [chunkShares]entryDecoder
}

// chunkShares is in how many parts a chunk is decoded, each of chunkShare entries at most.
const (
	chunkShares = 4
	chunkShare  = chunkRecords / chunkShares
)

func newChunkReader(c *compressor) *chunkReader {
	r := new(chunkReader)
	for n := range r.decoders {
		r.decoders[n].compressor = c
	}
	return r
}

func (s *Store) readChunk(ctx context.Context, after uint64, r *chunkReader) (entries []Entry, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = s.view(func(tx *bbolt.Tx) error {
		r.collect(tx, after)
		entries, err = r.decode()
		return err
	})
	return entries, err
}

// collect finds the records of the next chunk.
func (r *chunkReader) collect(tx *bbolt.Tx, after uint64) {
	r.numbers, r.records = r.numbers[:0], r.records[:0]
	bytes := 0
	for number, record := range entriesAfter(tx, after) {
		r.ahead.at(tx, record)
		r.numbers, r.records = append(r.numbers, number), append(r.records, record)
		if bytes += len(record); len(r.records) == chunkRecords || bytes >= chunkBytes {
			return
		}
	}
}

// decode decodes the chunk, on several processors: a large one takes a millisecond.
func (r *chunkReader) decode() ([]Entry, error) {
	entries := make([]Entry, len(r.records))
	parts := max(len(entries)-1, 0)/chunkShare + 1
	if err := inShares(parts, func(part int) error { return r.decodePart(part, entries) }); err != nil {
		return nil, err
	}
	return entries, nil
}

func (r *chunkReader) decodePart(part int, entries []Entry) (err error) {
	for n := part * chunkShare; n < min(len(entries), (part+1)*chunkShare) && err == nil; n++ {
		entries[n], err = r.decoders[part].decode(r.numbers[n], r.records[n])
	}
	return err
}

// Wait returns nil as soon as there is an entry after number after.
func (s *Store) Wait(ctx context.Context, after uint64) error {
	for {
		s.mu.Lock()
		last, moved := s.last, s.moved
		s.mu.Unlock()
		if last > after {
			return nil
		}
		select {
		case <-moved:
		case <-s.done:
			return fmt.Errorf("wait for journal: %w", ErrClosed)
		case <-ctx.Done():
			return fmt.Errorf("wait for journal: %w", ctx.Err())
		}
	}
}

// within goes through the keys of a bucket that have a prefix.
func within(b *bbolt.Bucket, prefix []byte) iter.Seq2[[]byte, []byte] {
	return from(b, prefix, prefix)
}

// from does the same, beginning with the first key that is not below start.
func from(b *bbolt.Bucket, prefix, start []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		c := b.Cursor()
		for k, v := c.Seek(start); k != nil && hasPrefix(k, prefix); k, v = c.Next() {
			if !yield(k, v) {
				return
			}
		}
	}
}

func hasPrefix(b, prefix []byte) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == string(prefix)
}

package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"go.etcd.io/bbolt"
)

// Gap tells that indications of a sequence were sent and have not come within
// Options.GapLifetime: they are lost, and the state of the host is to be read anew. One
// that comes later still is kept, as a late entry.
type Gap struct {
	Number      uint64 // of the gap, from 1
	Sender      string // address, without the port
	Path        string // of the request's URL
	Host        string // of the entries before and after
	Context     string
	First, Last int64     // sequence numbers that did not come
	Entry       uint64    // journal entry that showed it
	Noticed     time.Time // when that entry was received
	Called      time.Time // when they were given up
}

const (
	gapVersion = 1
	keptGaps   = 10_000
)

func (g *Gap) encode() []byte {
	var e encoder
	e.byte(gapVersion)
	for _, s := range []string{g.Sender, g.Path, g.Host, g.Context} {
		e.text(s)
	}
	e.int(g.First)
	e.int(g.Last)
	e.uint(g.Entry)
	e.time(g.Noticed)
	e.time(g.Called)
	return e.b
}

func decodeGap(number uint64, b []byte) (Gap, error) {
	d := decoder{b: b}
	d.version(gapVersion)
	g := Gap{
		Number: number, Sender: d.text(), Path: d.text(), Host: d.text(), Context: d.text(),
		First: d.int(), Last: d.int(), Entry: d.uint(), Noticed: d.time(), Called: d.time(),
	}
	if err := d.end(); err != nil {
		return Gap{}, fmt.Errorf("gap %d: %w", number, err)
	}
	return g, nil
}

// putGaps numbers gaps, keeps them, and forgets the oldest.
func putGaps(tx *bbolt.Tx, gaps []Gap) error {
	b := tx.Bucket(bucketGaps)
	for n := range gaps {
		number, err := b.NextSequence()
		if err == nil {
			gaps[n].Number = number
			err = b.Put(key64(number), gaps[n].encode())
		}
		if err == nil && number > keptGaps {
			err = b.Delete(key64(number - keptGaps))
		}
		if err != nil {
			return fmt.Errorf("put gap: %w", err)
		}
	}
	return nil
}

// Gaps returns the gaps that were called, after a number, in order: all of the last 10,000.
// Who must not miss one keeps a cursor with Tx.SetGapCursor, and Options.OnGap tells when
// to look.
func (s *Store) Gaps(ctx context.Context, after uint64) iter.Seq2[Gap, error] {
	return func(yield func(Gap, error) bool) {
		for {
			gaps, err := s.gapChunk(ctx, after)
			if err != nil {
				yield(Gap{}, fmt.Errorf("read gaps after %d: %w", after, err))
				return
			}
			if len(gaps) == 0 {
				return
			}
			for _, g := range gaps {
				if !yield(g, nil) {
					return
				}
			}
			after = gaps[len(gaps)-1].Number
		}
	}
}

func (s *Store) gapChunk(ctx context.Context, after uint64) ([]Gap, error) {
	var gaps []Gap
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		for k, v := range from(tx.Bucket(bucketGaps), nil, key64(after+1)) {
			g, err := decodeGap(number64(k), v)
			if err != nil {
				return err
			}
			if gaps = append(gaps, g); len(gaps) == chunkRecords {
				break
			}
		}
		return nil
	})
	return gaps, err
}

// GapCursor returns the number of the last gap that a consumer has dealt with, 0 for a new
// one.
func (s *Store) GapCursor(ctx context.Context, consumer string) (uint64, error) {
	var number uint64
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		number = number64(tx.Bucket(bucketGapCursors).Get([]byte(consumer)))
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("read gap cursor %s: %w", consumer, err)
	}
	return number, nil
}

// SetGapCursor moves a consumer of gaps on.
func (tx *Tx) SetGapCursor(consumer string, number uint64) error {
	if err := tx.tx.Bucket(bucketGapCursors).Put([]byte(consumer), key64(number)); err != nil {
		return fmt.Errorf("set gap cursor %s: %w", consumer, err)
	}
	return nil
}

package store

import (
	"context"
	"fmt"
	"math"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// Summary returns how many components of a host are there, by kind and health, without
// reading them. A host that is not known has none.
func (s *Store) Summary(ctx context.Context, host string) (inventory.Summary, error) {
	var summary inventory.Summary
	err := s.read(ctx, func(tx *bbolt.Tx) (err error) {
		if s.unindexed {
			summary, err = countComponents(tx, host)
			return err
		}
		summary, err = summaryOf(tx, host)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read summary of %s: %w", host, err)
	}
	return summary, nil
}

func summaryOf(tx *bbolt.Tx, host string) (inventory.Summary, error) {
	b := tx.Bucket(bucketSummaries).Get([]byte(host))
	if b == nil {
		return nil, nil
	}
	return decodeSummary(b)
}

// countComponents makes a summary of the components themselves.
func countComponents(tx *bbolt.Tx, host string) (inventory.Summary, error) {
	var summary inventory.Summary
	for k, b := range within(tx.Bucket(bucketComponents), hostPrefix(host)) {
		c, err := decodeHead(b)
		if err != nil {
			return nil, fmt.Errorf("component %q: %w", k, err)
		}
		tally(&summary, &c, 1)
	}
	return summary, nil
}

// tally counts a component in or out; nil, or one that was removed, counts for nothing.
func tally(s *inventory.Summary, c *inventory.Component, n int) {
	if c != nil && c.Removed.IsZero() {
		s.Add(c.Kind, c.Health, n)
	}
}

// addToSummary adds what has changed to the summary of a host.
func addToSummary(tx *bbolt.Tx, host string, changed inventory.Summary) error {
	if len(changed) == 0 {
		return nil
	}
	summary, err := summaryOf(tx, host)
	if err != nil {
		return fmt.Errorf("read summary: %w", err)
	}
	for _, c := range changed {
		summary.Add(c.Kind, c.Health, c.Components)
	}
	summaries := tx.Bucket(bucketSummaries)
	if len(summary) == 0 {
		err = summaries.Delete([]byte(host))
	} else {
		err = summaries.Put([]byte(host), encodeSummary(summary))
	}
	if err != nil {
		return fmt.Errorf("put summary: %w", err)
	}
	return nil
}

const summaryVersion = 1

func encodeSummary(s inventory.Summary) []byte {
	var e encoder
	e.byte(summaryVersion)
	e.uint(uint64(len(s)))
	for _, c := range s {
		e.text(string(c.Kind))
		e.byte(byte(c.Health))
		e.uint(uint64(max(c.Components, 0)))
	}
	return e.b
}

func decodeSummary(b []byte) (inventory.Summary, error) {
	d := decoder{b: b}
	d.version(summaryVersion)
	s := list(&d, func() inventory.Count {
		return inventory.Count{
			Kind: inventory.Kind(d.text()), Health: inventory.Health(d.byte()), Components: int(d.below(math.MaxInt32)),
		}
	})
	return s, d.end()
}

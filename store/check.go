package store

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// A Finding is something that is wrong with a file.
type Finding struct {
	Part    string // of the file: "file", "pages", "intake", or the name of a bucket
	Problem string // which record, and what is wrong with it
}

// Error returns "PART: PROBLEM".
func (f Finding) Error() string { return f.Part + ": " + f.Problem }

// maxFindings are told of, others are counted.
const maxFindings = 1000

// Check reads the whole file and returns what is wrong with it, all of it joined: pages,
// records that do not decode, numbers out of order, cursors beyond the journal, and
// indexes that disagree with what they are of. See [Inspect] for a file that may be damaged.
func (s *Store) Check(ctx context.Context) error {
	var found []error
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		r := &Report{}
		c := &checker{stopped: ctx.Err, tx: tx, report: r}
		c.pages()
		err := c.records()
		for _, f := range r.Findings {
			found = append(found, f)
		}
		return err
	})
	if err := errors.Join(append(found, err)...); err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	return nil
}

// checker checks what a transaction sees.
type checker struct {
	stopped func() error // not nil: the check is to end
	tx      *bbolt.Tx
	report  *Report
	step    func() // called for each record; may be nil
	tail    int    // changes that are in no run yet
}

func (c *checker) found(part []byte, format string, args ...any) {
	c.report.add(string(part), fmt.Sprintf(format, args...))
}

// next is called for each record. Its error ends the check.
func (c *checker) next() error {
	if c.step != nil {
		c.step()
	}
	return c.stopped()
}

// pages has bbolt check its pages, of which those with records must be whole.
func (c *checker) pages() {
	for err := range c.tx.Check() {
		c.report.add(partPages, err.Error())
	}
}

// records checks all records. The error is that of stopped.
func (c *checker) records() error {
	c.meta()
	for _, check := range []func() error{
		c.journal, c.senders, c.cursors, c.gaps, c.hosts, c.components, c.indexes, c.history, c.historyOf,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// each goes through the records of a bucket. What is wrong with one is what check returns.
func (c *checker) each(bucket []byte, check func(k, v []byte) error) (count int, err error) {
	err = c.tx.Bucket(bucket).ForEach(func(k, v []byte) error {
		count++
		if err := check(k, v); err != nil {
			c.found(bucket, "%v", err)
		}
		return c.next()
	})
	return count, err
}

func (c *checker) meta() {
	meta, last := c.tx.Bucket(bucketMeta), c.tx.Bucket(bucketJournal).Sequence()
	if b := meta.Get(keySecret); b != nil && len(b) != secretSize {
		c.found(bucketMeta, "the secret has %d bytes, not %d", len(b), secretSize)
	}
	if _, err := ParseLineage(meta.Get(keyLineage)); err != nil {
		c.found(bucketMeta, "the lineage: %v", err)
	}
	if n := number64(meta.Get(keyFirst)); n > last+1 {
		c.found(bucketMeta, "the first entry is %d, the last %d", n, last)
	}
	if n, last := lastInRuns(c.tx), c.lastChange(); n > last {
		c.found(bucketMeta, "changes are said to be in the index up to %d, the last is %d", n, last)
	}
	if n := number64(meta.Get(keyWindows)); n > last {
		c.found(bucketMeta, "the senders are known up to entry %d, the last is %d", n, last)
	}
}

func (c *checker) gaps() (err error) {
	c.report.Gaps, err = c.each(bucketGaps, func(k, v []byte) error {
		_, err := decodeGap(number64(k), v)
		return err
	})
	return err
}

func (c *checker) senders() error {
	_, err := c.each(bucketSenders, func(k, v []byte) error {
		if _, err := decodeWindow(v); err != nil {
			return fmt.Errorf("sender %q: %w", k, err)
		}
		return nil
	})
	return err
}

func (c *checker) cursors() error {
	last := c.tx.Bucket(bucketJournal).Sequence()
	_, err := c.each(bucketCursors, func(k, v []byte) error {
		if n := number64(v); n > last {
			return fmt.Errorf("cursor %s is at %d, the last entry is %d", k, n, last)
		}
		return nil
	})
	return err
}

func (c *checker) hosts() (err error) {
	c.report.Hosts, err = c.each(bucketHosts, func(k, v []byte) error {
		h, err := decodeHost(v)
		if err == nil && h.Name != string(k) {
			err = fmt.Errorf("it holds %q", h.Name)
		}
		if err != nil {
			return fmt.Errorf("host %s: %w", k, err)
		}
		return nil
	})
	return err
}

func (c *checker) components() (err error) {
	hosts := c.tx.Bucket(bucketHosts)
	c.report.Components, err = c.each(bucketComponents, func(k, v []byte) error {
		component, err := decodeComponent(v)
		switch {
		case err != nil:
		case string(componentKey(component.Host, component.ID)) != string(k):
			err = fmt.Errorf("it holds %q of %q", component.ID, component.Host)
		case hosts.Get([]byte(component.Host)) == nil:
			err = errors.New("its host is not listed")
		}
		if err != nil {
			return fmt.Errorf("component %q: %w", k, err)
		}
		return nil
	})
	return err
}

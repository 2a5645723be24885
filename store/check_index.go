package store

import (
	"slices"

	"github.com/cimwatch/cimwatch/inventory"
)

// indexCheck compares the indexes and summaries with the components, host by host.
type indexCheck struct {
	*checker

	host      string
	summary   inventory.Summary // of host, as far as it is read
	entries   []int             // that each index should have
	summaries int               // that there should be
}

// indexes finds each component in the indexes and the summaries, and nothing else there.
func (c *checker) indexes() error {
	if !isIndexed(c.tx) {
		return nil
	}
	i := &indexCheck{checker: c, entries: make([]int, len(indexes))}
	for k, v := range within(c.tx.Bucket(bucketComponents), nil) {
		if component, err := decodeHead(v); err == nil { // else c.components tells of it
			i.component(k, &component)
		}
		if err := c.stopped(); err != nil {
			return err
		}
	}
	i.endHost()
	for n := range indexes {
		if err := i.size(indexes[n].bucket, i.entries[n]); err != nil {
			return err
		}
	}
	return i.size(bucketSummaries, i.summaries)
}

// component looks for a component in the indexes that should have it.
func (c *indexCheck) component(key []byte, component *inventory.Component) {
	if component.Host != c.host {
		c.endHost()
		c.host = component.Host
	}
	tally(&c.summary, component, 1)
	for n := range indexes {
		bucket, value := indexes[n].bucket, indexes[n].value(component)
		if value == "" {
			continue
		}
		c.entries[n]++
		if c.tx.Bucket(bucket).Get(indexKey(value, key)) == nil {
			c.found(bucket, "component %q is not in the index", key)
		}
	}
}

// endHost compares the summary of a host with what was counted.
func (c *indexCheck) endHost() {
	if len(c.summary) == 0 {
		return
	}
	c.summaries++
	kept, err := summaryOf(c.tx, c.host)
	if err != nil {
		c.found(bucketSummaries, "host %s: %v", c.host, err)
	} else if !slices.Equal(kept, c.summary) {
		c.found(bucketSummaries, "host %s has %v, there are %v", c.host, kept, c.summary)
	}
	c.summary = nil
}

// size finds what is in a bucket besides what should be.
func (c *indexCheck) size(bucket []byte, want int) error {
	got, err := c.each(bucket, func([]byte, []byte) error { return nil })
	if err == nil && got != want {
		c.found(bucket, "there are %d entries, %d should be", got, want)
	}
	return err
}

package store

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// mostCached components are kept decoded in a transaction.
const mostCached = 8192

// A componentCache is the components that a transaction has read or changed. Those that it
// changed are written when it ends, in the order of their keys: many events of one
// component cost one record, and neighbours one page.
type componentCache struct {
	tx      *bbolt.Tx
	bucket  *bbolt.Bucket
	byKey   map[string]*cachedComponent
	names   texts
	record  encoder // is used again
	changed int
}

type cachedComponent struct {
	now     *inventory.Component // nil: it is to be deleted
	before  *inventory.Component // as it is in the bucket, if that is known
	changed bool                 // the bucket has another one
}

func newComponentCache(tx *bbolt.Tx) *componentCache {
	return &componentCache{tx: tx, bucket: tx.Bucket(bucketComponents), byKey: map[string]*cachedComponent{}}
}

// get returns a component that may share slices with others; see [inventory.View].
func (c *componentCache) get(host, id string) (inventory.Component, bool, error) {
	key := componentKey(host, id)
	cached := c.byKey[string(key)]
	if cached == nil {
		b := c.bucket.Get(key)
		if b == nil {
			return inventory.Component{}, false, nil
		}
		read, err := decodeNamed(b, &c.names)
		if err == nil {
			err = c.makeRoom()
		}
		if err != nil {
			return inventory.Component{}, false, err
		}
		cached = &cachedComponent{now: &read, before: &read}
		c.byKey[string(key)] = cached
	}
	if cached.now == nil {
		return inventory.Component{}, false, nil
	}
	return *cached.now, true, nil
}

// load reads components, on several processors: nothing changes the bucket meanwhile.
func (c *componentCache) load(keys [][]byte) error {
	const share = 256
	keys = slices.DeleteFunc(keys, func(key []byte) bool { return c.byKey[string(key)] != nil })
	keys = keys[:min(len(keys), max(mostCached-len(c.byKey), 0))]
	read := make([]*inventory.Component, len(keys))
	err := inShares((len(keys)+share-1)/share, func(part int) (err error) {
		var names texts
		for n := part * share; n < min(len(keys), (part+1)*share) && err == nil; n++ {
			if b := c.bucket.Get(keys[n]); b != nil {
				var one inventory.Component
				one, err = decodeNamed(b, &names)
				read[n] = &one
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for n, key := range keys {
		if read[n] != nil {
			c.byKey[string(key)] = &cachedComponent{now: read[n], before: read[n]}
		}
	}
	return nil
}

// put keeps a component, of which it is not known that it is not there.
func (c *componentCache) put(component *inventory.Component) error {
	return c.change(componentKey(component.Host, component.ID), component)
}

// remove forgets a component.
func (c *componentCache) remove(host, id string) error { return c.change(componentKey(host, id), nil) }

func (c *componentCache) change(key []byte, now *inventory.Component) error {
	if len(key) > bbolt.MaxKeySize {
		return fmt.Errorf("host and ID have %d bytes", len(key))
	}
	if err := c.makeRoom(); err != nil {
		return err
	}
	cached := c.byKey[string(key)]
	if cached == nil {
		cached = &cachedComponent{}
		c.byKey[string(key)] = cached
	}
	if !cached.changed {
		c.changed++
	}
	cached.now, cached.changed = now, true
	return nil
}

// makeRoom begins anew when there is too much.
func (c *componentCache) makeRoom() error {
	if len(c.byKey) < mostCached {
		return nil
	}
	err := c.flush()
	clear(c.byKey)
	return err
}

// flush writes what has changed, with what finds and counts it.
func (c *componentCache) flush() error {
	if c.changed == 0 {
		return nil
	}
	var host string
	var counts inventory.Summary
	for _, key := range slices.Sorted(maps.Keys(c.byKey)) {
		cached := c.byKey[key]
		if !cached.changed {
			continue
		}
		if of := string(hostOf([]byte(key))); of != host {
			if err := addToSummary(c.tx, host, counts); err != nil {
				return fmt.Errorf("host %s: %w", host, err)
			}
			host, counts = of, nil
		}
		if err := c.write([]byte(key), cached, &counts); err != nil {
			return fmt.Errorf("put component %q: %w", key, err)
		}
		cached.before, cached.changed = cached.now, false
	}
	c.changed = 0
	if err := addToSummary(c.tx, host, counts); err != nil {
		return fmt.Errorf("host %s: %w", host, err)
	}
	return nil
}

func (c *componentCache) write(key []byte, cached *cachedComponent, counts *inventory.Summary) (err error) {
	before := cached.before
	if before == nil {
		if before, err = c.formerly(key); err != nil {
			return err
		}
	}
	if cached.now == nil {
		err = c.bucket.Delete(key)
	} else {
		c.record.b = c.record.b[:0]
		c.record.component(cached.now)
		err = c.bucket.Put(key, bytes.Clone(c.record.b)) // which keeps it
	}
	if err != nil {
		return err
	}
	tally(counts, before, -1)
	tally(counts, cached.now, 1)
	return reindex(c.tx, key, before, cached.now)
}

// formerly returns what is kept of a component, nil when nothing is.
func (c *componentCache) formerly(key []byte) (*inventory.Component, error) {
	b := c.bucket.Get(key)
	if b == nil {
		return nil, nil
	}
	before, err := decodeHead(b)
	if err != nil {
		return nil, fmt.Errorf("as it was: %w", err)
	}
	return &before, nil
}

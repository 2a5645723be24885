package store

import (
	"bytes"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// A search follows the index that names the fewest components. How many each names is not
// kept anywhere: the indexes are read side by side, each a little further than in the round
// before, until one of them ends. Its keys are the answer then. When none ends within the
// last bound, the components themselves are read instead, which costs about the same.
var planBounds = [...]int{256, 4096, 65536}

// fewHosts is how many hosts are looked for one by one in each range of an index.
const fewHosts = 64

// plan returns the shortest walk through what the query may select.
func (f *finder) plan(tx *bbolt.Tx) walk {
	var start []byte
	if f.query.After != nil && len(f.query.Sort) == 0 {
		start = keyAfter(componentKey(f.query.After.Host, f.query.After.ID))
	}
	hosts := f.hosts(tx)
	if !f.store.unindexed {
		if keys, ok := narrowest(tx, f.ranges(hosts)); ok {
			from, _ := slices.BinarySearchFunc(keys, start, bytes.Compare)
			return &keyWalk{keys[from:]}
		}
	}
	if hosts == nil {
		return &scanWalk{prefixes: [][]byte{nil}, next: start}
	}
	return &scanWalk{prefixes: hosts, next: start}
}

// hosts returns the prefixes of the hosts that the query names, in their order; nil: all.
func (f *finder) hosts(tx *bbolt.Tx) [][]byte {
	if len(f.query.Hosts) == 0 {
		return nil
	}
	prefixes := [][]byte{}
	for name := range within(tx.Bucket(bucketHosts), nil) {
		fits := func(p inventory.Pattern) bool { return p.Match(string(name)) }
		if slices.ContainsFunc(f.query.Hosts, fits) {
			prefixes = append(prefixes, hostPrefix(string(name)))
		}
	}
	return prefixes
}

// A candidate is an index that the query could follow.
type candidate struct {
	bucket   []byte
	prefixes []string              // of the keys in it
	fits     func(key []byte) bool // by the key of a component
}

// ranges returns the candidates: an index for each part of the query that one is kept for.
func (f *finder) ranges(hosts [][]byte) []candidate {
	var all []candidate
	add := func(bucket []byte, prefixes []string, ok bool) {
		if ok {
			all = append(all, candidate{bucket, onHosts(prefixes, hosts), fitsHosts(hosts)})
		}
	}
	for _, by := range []struct {
		bucket   []byte
		patterns []inventory.Pattern
	}{{bucketBySerial, f.query.Serials}, {bucketByPart, f.query.Parts}, {bucketByVendor, f.query.Vendors}} {
		prefixes, ok := patternPrefixes(by.patterns)
		add(by.bucket, prefixes, ok)
	}
	var kinds []string
	for _, k := range f.query.Kinds {
		kinds = append(kinds, indexed(string(k))+"\x00")
	}
	add(bucketByKind, kinds, len(kinds) > 0)
	levels, ok := healthPrefixes(f.query)
	add(bucketByHealth, levels, ok)
	return all
}

// patternPrefixes returns what the keys begin with that patterns may fit, unless that is all.
func patternPrefixes(patterns []inventory.Pattern) (prefixes []string, ok bool) {
	for _, p := range patterns {
		text, whole := p.Literal()
		prefix := indexed(text)
		if prefix == "" {
			return nil, false
		}
		if whole && prefix == text && len(prefix) < longestIndexed {
			prefix += "\x00"
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, len(prefixes) > 0
}

// healthPrefixes returns the levels of health that the query selects, unless OK is among
// them, which is not in the index.
func healthPrefixes(q *inventory.Query) (prefixes []string, ok bool) {
	for _, h := range q.Levels() {
		if h == inventory.OK {
			return nil, false
		}
		prefixes = append(prefixes, healthValue(h)+"\x00")
	}
	return prefixes, true
}

// onHosts narrows ranges of whole values to hosts, where these are few.
func onHosts(prefixes []string, hosts [][]byte) []string {
	if hosts == nil || len(hosts) > fewHosts {
		return prefixes
	}
	var narrowed []string
	for _, p := range prefixes {
		if p[len(p)-1] != 0 {
			narrowed = append(narrowed, p)
			continue
		}
		for _, host := range hosts {
			narrowed = append(narrowed, p+string(host))
		}
	}
	return narrowed
}

// fitsHosts returns a function that tells keys of components on hosts from others.
func fitsHosts(hosts [][]byte) func(key []byte) bool {
	if hosts == nil {
		return func([]byte) bool { return true }
	}
	known := make(map[string]bool, len(hosts))
	for _, h := range hosts {
		known[string(h[:len(h)-1])] = true
	}
	return func(key []byte) bool { return known[string(hostOf(key))] }
}

// narrowest returns the keys of the components in the smallest of some ranges, in their
// order, unless all are large.
func narrowest(tx *bbolt.Tx, candidates []candidate) (keys [][]byte, ok bool) {
	for _, bound := range planBounds {
		for i := range candidates {
			if keys, ok := candidates[i].read(tx, bound); ok {
				slices.SortFunc(keys, bytes.Compare)
				keys = slices.CompactFunc(keys, bytes.Equal)
				for n := range keys {
					keys[n] = bytes.Clone(keys[n]) // it is the file's memory
				}
				return keys, true
			}
		}
	}
	return nil, false
}

// read returns what an index names, unless there is more than a bound to look at.
func (c *candidate) read(tx *bbolt.Tx, bound int) (keys [][]byte, ok bool) {
	bucket := tx.Bucket(c.bucket)
	for _, prefix := range c.prefixes {
		for k := range within(bucket, []byte(prefix)) {
			if bound--; bound < 0 {
				return nil, false
			}
			if key := indexedComponent(k); c.fits(key) {
				keys = append(keys, key)
			}
		}
	}
	return keys, true
}

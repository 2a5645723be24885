package store

import (
	"bytes"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// An index is a bucket that finds the components with a value. Those that were removed are
// in none, and summaries do not count them.
type index struct {
	bucket []byte
	of     func(*inventory.Component) string // "": the component is not in it
}

// indexes are kept in the transactions that change components.
var indexes = []index{
	{bucketByHealth, func(c *inventory.Component) string {
		if c.Health == inventory.OK {
			return "" // as most are: no query follows the index there
		}
		return healthValue(c.Health)
	}},
	{bucketByKind, func(c *inventory.Component) string { return indexed(string(c.Kind)) }},
	{bucketByVendor, func(c *inventory.Component) string { return indexed(c.Vendor) }},
	{bucketBySerial, func(c *inventory.Component) string { return indexed(c.Serial) }},
	{bucketByPart, func(c *inventory.Component) string { return indexed(c.Part) }},
}

func healthValue(h inventory.Health) string { return string('0' + rune(h)) }

// longestIndexed is how much of a value is in an index, in bytes.
const longestIndexed = 64

// indexed returns a text as it stands in an index: in lower case, up to a NUL, which ends
// values there.
func indexed(text string) string {
	text = strings.ToLower(text)
	text, _, _ = strings.Cut(text, "\x00")
	return text[:min(len(text), longestIndexed)]
}

// value returns what a component has in the index; there may be none.
func (i *index) value(c *inventory.Component) string {
	if c == nil || !c.Removed.IsZero() {
		return ""
	}
	return i.of(c)
}

// reindex brings the indexes from one state of a component to the next; nil: there is none.
func reindex(tx *bbolt.Tx, key []byte, before, after *inventory.Component) error {
	for n := range indexes {
		i := &indexes[n]
		old, value := i.value(before), i.value(after)
		if old == value {
			continue
		}
		bucket := tx.Bucket(i.bucket)
		if old != "" {
			if err := bucket.Delete(indexKey(old, key)); err != nil {
				return fmt.Errorf("leave index %s: %w", i.bucket, err)
			}
		}
		if value != "" {
			if err := bucket.Put(indexKey(value, key), []byte{}); err != nil {
				return fmt.Errorf("enter index %s: %w", i.bucket, err)
			}
		}
	}
	return nil
}

func indexKey(value string, component []byte) []byte {
	return append(append([]byte(value), 0), component...)
}

// indexedComponent returns the key of the component that a key of an index names.
func indexedComponent(key []byte) []byte {
	return key[bytes.IndexByte(key, 0)+1:]
}

// hostOf returns the host of a component, or of its changes, by a key.
func hostOf(key []byte) []byte {
	host, _, _ := bytes.Cut(key, []byte{0})
	return host
}

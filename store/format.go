package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// formatVersion is the version of the layout below. Records have versions of their own.
// Version 1 was never released, and is not read.
const (
	formatVersion = 2
	oldestVersion = 2
)

// The buckets of a file. Numbers in keys are big-endian, so that they sort.
var (
	bucketMeta       = []byte("meta")        // the keys below
	bucketJournal    = []byte("journal")     // a bucket per piece of the journal, see segment
	bucketSenders    = []byte("senders")     // sender, path, context: window of what came
	bucketCursors    = []byte("cursors")     // consumer: number
	bucketGaps       = []byte("gaps")        // number: gap
	bucketGapCursors = []byte("gap-cursors") // consumer: number of a gap
	bucketHosts      = []byte("hosts")       // name: host
	bucketComponents = []byte("components")  // host, 0, ID: component
	bucketHistory    = []byte("history")     // host, 0, number: change
	bucketHistoryOf  = []byte("history-of")  // host, 0, ID, 0, number: nothing

	keyFormat  = []byte("format")  // version
	keyFirst   = []byte("first")   // number of the first entry that is not dropped
	keyWindows = []byte("windows") // number of the last entry that all of senders know of
)

var buckets = [][]byte{
	bucketMeta, bucketJournal, bucketSenders, bucketCursors, bucketGaps, bucketGapCursors, bucketHosts, bucketComponents,
	bucketHistory, bucketHistoryOf,
}

// format lays out an empty file.
func format(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucket(name); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	return tx.Bucket(bucketMeta).Put(keyFormat, key64(formatVersion))
}

// checkFormat refuses files of other programs and of later versions.
func checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return fmt.Errorf("%w: it is not a cimwatch store", ErrFormat)
	}
	version := number64(meta.Get(keyFormat))
	if version < oldestVersion || version > formatVersion {
		return fmt.Errorf("%w: its format is %d, known are %d to %d", ErrFormat, version, oldestVersion, formatVersion)
	}
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrFormat, name)
		}
	}
	return nil
}

func key64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// number64 returns 0 for what is not a number.
func number64(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

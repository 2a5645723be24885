package store

import (
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// formatVersion is the version of the layout below. Records have versions of their own.
// Version 1 was never released, and is not read. Version 2 has no indexes of components;
// version 3 keeps all changes by host.
const (
	formatVersion = 4
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
	bucketHistory    = []byte("history")     // host, 0, number: change, of those that came before version 4
	bucketHistoryOf  = []byte("history-of")  // host, 0, ID, 0, number: how much more each is of those that follow

	// Since version 3.
	bucketByHealth  = []byte("by-health") // value, 0, host, 0, ID: nothing; see index
	bucketByKind    = []byte("by-kind")
	bucketByVendor  = []byte("by-vendor")
	bucketBySerial  = []byte("by-serial")
	bucketByPart    = []byte("by-part")
	bucketSummaries = []byte("summaries") // host: counts of components

	// Since version 4.
	bucketChanges = []byte("changes") // number: change

	keyFormat  = []byte("format")  // version
	keyFirst   = []byte("first")   // number of the first entry that is not dropped
	keyWindows = []byte("windows") // number of the last entry that all of senders know of

	keyRuns = []byte("runs") // number of the last change that history-of has, see tail

	keyUnindexed = []byte("unindexed") // while it is upgraded: key of the last component that the indexes have
)

var buckets = [][]byte{
	bucketMeta, bucketJournal, bucketSenders, bucketCursors, bucketGaps, bucketGapCursors, bucketHosts, bucketComponents,
	bucketHistory, bucketHistoryOf,
}

var bucketsSince3 = [][]byte{
	bucketByHealth, bucketByKind, bucketByVendor, bucketBySerial, bucketByPart, bucketSummaries,
}

var bucketsSince4 = [][]byte{bucketChanges}

// format lays out an empty file.
func format(tx *bbolt.Tx) error {
	for _, name := range slices.Concat(buckets, bucketsSince3, bucketsSince4) {
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
	required := buckets
	if version >= 3 {
		required = slices.Concat(required, bucketsSince3)
	}
	if version >= 4 {
		required = slices.Concat(required, bucketsSince4)
	}
	for _, name := range required {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrFormat, name)
		}
	}
	return nil
}

// isIndexed reports whether the indexes have all components. Only a file that is read may
// be without.
func isIndexed(tx *bbolt.Tx) bool {
	meta := tx.Bucket(bucketMeta)
	return number64(meta.Get(keyFormat)) >= 3 && meta.Get(keyUnindexed) == nil
}

func key64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// number64 returns 0 for what is not a number.
func number64(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

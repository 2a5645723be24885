package store_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/store"
)

func TestCheckFindsWhatIsWrong(t *testing.T) {
	put := func(bucket, key, value string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Put([]byte(key), []byte(value)) }
	}
	first := func(bucket string, do func(b *bbolt.Bucket, k, v []byte) error) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			k, v := b.Cursor().First()
			return do(b, k, v)
		}
	}
	remove := func(b *bbolt.Bucket, k, _ []byte) error { return b.Delete(k) }
	move := func(b *bbolt.Bucket, _, v []byte) error { return b.Put([]byte("elsewhere"), v) }
	inSegment := func(key, value string) func(*bbolt.Tx) error {
		return first("journal", func(b *bbolt.Bucket, k, _ []byte) error {
			return b.Bucket(k).Put([]byte(key), []byte(value))
		})
	}
	tests := map[string]struct {
		breakIt func(*bbolt.Tx) error
		want    string
	}{
		"cursor":         {put("cursors", "c", "\x00\x00\x00\x00\x00\x00\x00\x09"), "cursor c is at 9, the last entry is 3"},
		"sender":         {put("senders", "s", "\x07"), `sender "s"`},
		"host record":    {put("hosts", "h", "\x07"), "host h"},
		"host key":       {first("hosts", move), "host elsewhere"},
		"host gone":      {first("hosts", remove), "its host is not listed"},
		"component":      {put("components", "h\x00i", "\x07"), `component "h\x00i"`},
		"component key":  {first("components", move), `component "elsewhere"`},
		"change":         {put("changes", "h\x00", "\x07"), `change "h\x00"`},
		"change key":     {first("changes", move), `change "elsewhere"`},
		"former change":  {put("history", "h\x00", "\x07"), `change "h\x00"`},
		"index entry":    {put("meta", "runs", "\x00\x00\x00\x00\x00\x00\x00\x02"), "is not in the index"},
		"index ahead":    {put("meta", "runs", "\x00\x00\x00\x00\x00\x00\x00\x03"), "changes are said to be in the index up to 3, the last is 2"},
		"index too long": {put("history-of", "x", ""), "the index names 1 changes, there are 0"},
		"tail":           {put("changes", "\x00\x00\x00\x00\x00\x00\x00\x02", "\x07"), `change "\x00\x00\x00\x00\x00\x00\x00\x02"`},
		"index order":    {put("history-of", "h\x00i\x00\x00\x00\x00\x00\x00\x00\x00\x01", "\x00"), "it does not say which change follows 1"},
		"not found":      {first("by-kind", remove), `by-kind: component "h\x00cim_fan.deviceid=\"1\"" is not in the index`},
		"found too much": {put("by-kind", "disk\x00h\x00x", ""), "by-kind: there are 3 entries, 2 should be"},
		"summary":        {put("summaries", "h", "\x01\x00"), "summaries: host h has [], there are [{fan ok 2}]"},
		"summary gone":   {first("summaries", remove), "summaries: there are 0 entries, 1 should be"},
		"summary record": {put("summaries", "h", "\x07"), "host h: record version 7 is not known"},
		"gap":            {put("gaps", "\x00\x00\x00\x00\x00\x00\x00\x01", "\x07"), "gap 1"},
		"segment size":   {first("journal", func(b *bbolt.Bucket, k, _ []byte) error { return b.Bucket(k).SetSequence(1) }), "bytes, not 1"},
		"entries gone":   {func(tx *bbolt.Tx) error { return tx.Bucket([]byte("journal")).SetSequence(9) }, "is the last, not 9"},
		"entry":          {inSegment("\x00\x00\x00\x00\x00\x00\x00\x02", "\x07"), "entry 2"},
		"entry content": {first("journal", func(b *bbolt.Bucket, k, _ []byte) error {
			records := b.Bucket(k)
			number, record := records.Cursor().Last()
			changed := bytes.Replace(record, []byte("content n"), []byte("contents "), 1)
			return records.Put(number, changed)
		}), "entry 3: its content is not what was received"},
		"entry gap": {inSegment("\x00\x00\x00\x00\x00\x00\x00\x09", "\x01"), "journal entry 9 follows 3"},
		"segment": {func(tx *bbolt.Tx) error {
			_, err := tx.Bucket([]byte("journal")).CreateBucket([]byte("\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01"))
			return err
		}, "is out of order"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cimwatch.db")
			s, err := store.Open(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			for n := range int64(3) {
				keep(t, s, entry(n))
			}
			take(t, s, "h", fan("1", 2), fan("2", 2))
			if err := s.Check(t.Context()); err != nil {
				t.Fatalf("before: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			edit(t, path, tt.breakIt)
			if s, err = store.Open(path, &store.Options{ReadOnly: true}); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

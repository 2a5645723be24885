package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// An upgrade that was broken off goes on where it was; who only reads meanwhile, or before
// it, does without indexes.
func TestUpgradeGoesOn(t *testing.T) {
	const count = 2*upgradeComponents + 10
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		if err := format(tx); err != nil {
			return err
		}
		for _, name := range slices.Concat(bucketsSince3, bucketsSince4) {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
		}
		for n := range count {
			host := fmt.Sprint("h", n%2)
			c := inventory.Component{Host: host, ID: fmt.Sprintf("%06d", n), Kind: inventory.KindFan, Health: inventory.Warning}
			err := tx.Bucket(bucketHosts).Put([]byte(host), encodeHost(&inventory.Host{Name: host}))
			if err == nil {
				err = tx.Bucket(bucketComponents).Put(componentKey(host, c.ID), encodeComponent(&c))
			}
			if err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put(keyFormat, key64(2))
	})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	expectWarnings(t, path, true, count/2)

	if db, err = bbolt.Open(path, 0o600, nil); err == nil {
		err = db.Update(indexMore)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	expectWarnings(t, path, true, count/2)
	expectWarnings(t, path, false, count/2)
}

// expectWarnings opens a file and finds the components of a host and their number in it.
func expectWarnings(t *testing.T, path string, readOnly bool, want int) {
	t.Helper()
	s, err := Open(path, &Options{ReadOnly: readOnly})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if s.unindexed != readOnly {
		t.Errorf("read only %v: unindexed %v", readOnly, s.unindexed)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	summary, err := s.Summary(t.Context(), "h1")
	if err != nil || summary.ByHealth()[inventory.Warning] != want {
		t.Errorf("summary %v, %v, want %d", summary, err, want)
	}
	found := 0
	for _, err := range s.Find(t.Context(), inventory.Query{Hosts: []inventory.Pattern{"H1"}, AtLeast: inventory.Warning}) {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if found != want {
		t.Errorf("found %d, want %d", found, want)
	}
}

package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

const bboltPage = 4096

// TestDamagedPages overwrites one page after the other, with nothing and with noise, and reads
// all there is: whatever comes of it is an error and no panic.
func TestDamagedPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "whole.db")
	s := openAt(t, path, nil)
	appendMany(t, s, 60, 0)
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for n := range 40 {
			c := inventory.Component{ID: fmt.Sprint("part ", n), Host: "esx1", Kind: inventory.KindFan, Name: fmt.Sprint("Fan ", n), Vendor: "Acme"}
			if _, err := tx.Apply("esx1", func(inventory.View) inventory.Delta {
				return inventory.Delta{Upserts: []inventory.Component{c}}
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Compact(t.Context(), path, ""); err != nil { // fewer pages, of which each counts
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noise := bytes.Repeat([]byte{0x5a, 0xff, 0x01, 0x90}, bboltPage/4)
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	failed := 0
	for at := 2 * bboltPage; at < len(whole); at += bboltPage {
		for _, page := range [][]byte{make([]byte, bboltPage), noise} {
			text := bytes.Clone(whole)
			copy(text[at:], page)
			if err := os.WriteFile(damaged, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := readEverything(damaged); errors.Is(err, store.ErrDamaged) {
				failed++
			}
			if err := os.RemoveAll(damaged); err != nil {
				t.Fatal(err)
			}
		}
	}
	if failed == 0 {
		t.Error("no page that was overwritten is missed")
	}
}

// readEverything returns the first error of what reads.
func readEverything(path string) error {
	ctx := context.Background()
	s, err := store.Open(path, &store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	var errs []error
	for _, err := range s.Read(ctx, 0) {
		errs = append(errs, err)
	}
	for _, err := range s.Components(ctx, "") {
		errs = append(errs, err)
	}
	for _, err := range s.History(ctx, "", "") {
		errs = append(errs, err)
	}
	for _, err := range s.Find(ctx, inventory.Query{}) {
		errs = append(errs, err)
	}
	_, err = s.Hosts(ctx)
	errs = append(errs, err, s.Close())
	_, err = store.Compact(ctx, path, path+".compacted")
	return errors.Join(append(errs, err)...)
}

// TestPanicOfCaller leaves a panic that is not about the file to whom it belongs.
func TestPanicOfCaller(t *testing.T) {
	s := open(t, nil)
	defer func() {
		if got := recover(); got != "mine" {
			t.Errorf("recovered %v", got)
		}
	}()
	_ = s.Update(t.Context(), func(*store.Tx) error { panic("mine") })
}

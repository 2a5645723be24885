package store_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// writeVariable has TestFilesOfAllVersionsOpen write testdata anew: only for a format that
// no released version has written.
const writeVariable = "CIMWATCH_STORE_WRITE"

// A file written by each version still opens, and holds what it held.
func TestFilesOfAllVersionsOpen(t *testing.T) {
	if os.Getenv(writeVariable) != "" {
		writeFormat(t, filepath.Join("testdata", "format4"))
	}
	files, err := filepath.Glob(filepath.Join("testdata", "format*.db.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cimwatch.db")
			unpack(t, file, path)
			want, err := os.ReadFile(strings.TrimSuffix(file, ".db.gz") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			s := openAt(t, path, newClock().options())
			if diff := cmp.Diff(string(want), contents(t, s)); diff != "" {
				t.Errorf("(-written +read)\n%s", diff)
			}
			repeat := formatEntry(t, 3)
			if _, duplicate, err := s.Append(t.Context(), repeat); !duplicate || err != nil {
				t.Errorf("a repeat of what it holds: duplicate %v, %v", duplicate, err)
			}
			if number := keep(t, s, formatEntry(t, 100)); number != 7 {
				t.Errorf("the next entry has number %d, want 7", number)
			}
		})
	}
}

// formatEntry is a long and a short entry in turn.
func formatEntry(t *testing.T, n int64) store.Entry {
	t.Helper()
	e := entry(n)
	if n%2 == 0 {
		raw, err := os.ReadFile(filepath.Join("..", "cimxml", "testdata", "messages", "export-ipmialert.xml"))
		if err != nil {
			t.Fatal(err)
		}
		e.Raw = slices.Concat(raw, fmt.Appendf(nil, "<!-- %d -->", n))
	}
	return e
}

func writeFormat(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	s := openAt(t, path, c.options())
	for _, n := range []int64{0, 1, 3, 6, 2} {
		keep(t, s, formatEntry(t, n))
	}
	c.move(time.Hour)
	maintain(t, s)
	unnumbered := formatEntry(t, 9)
	unnumbered.Sequence = nil
	keep(t, s, unnumbered)
	take(t, s, "esx1", fan("1", 2), fan("2", 6))
	takeRelation(t, s, "esx1")
	set := func(tx *store.Tx) error {
		return errors.Join(tx.SetCursor("inventory", 4), tx.SetGapCursor("daemon", 1))
	}
	if err := s.Update(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".json", []byte(contents(t, s)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name + ".db.gz")
	if err != nil {
		t.Fatal(err)
	}
	packed := gzip.NewWriter(f)
	_, err = packed.Write(content)
	if err := errors.Join(err, packed.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// takeRelation has fan 1 based on fan 2, which a second record version can hold.
func takeRelation(t *testing.T, s *store.Store, host string) {
	t.Helper()
	found := []*cim.Instance{fan("1", 3), fan("2", 6)}
	based := cim.InstancePath("root/cimv2", "CIM_BasedOn", cim.Key{Name: "Dependent", Value: cim.Reference(found[0].Path)},
		cim.Key{Name: "Antecedent", Value: cim.Reference(found[1].Path)})
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Apply(host, func(v inventory.View) inventory.Delta {
			return inventory.Sync(v, inventory.Snapshot{
				Host: host, Instances: found, Started: start.Add(time.Minute), Reason: inventory.Resync,
				Associations: map[string][]cim.ObjectPath{"CIM_BasedOn": {based}},
			})
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	packed, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }() // it was only read from
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// contents tells all that a store holds.
func contents(t *testing.T, s *store.Store) string {
	t.Helper()
	var all []any
	for _, e := range readAll(t, s, 0) {
		raw := strings.Split(string(e.Raw), "\n")
		e.Raw = nil
		all = append(all, e, raw)
	}
	for _, g := range gaps(t, s, 0) {
		all = append(all, g)
	}
	cursors, err := s.Cursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cursor, err := s.GapCursor(t.Context(), "daemon")
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, cursors, cursor)
	for c, err := range s.Components(t.Context(), "") {
		all = append(all, fmt.Sprint(c.Host, " ", c.ID, " ", c.Health, " ", c.Properties, " ", err))
		if len(c.Relations) > 0 {
			all = append(all, c.Relations)
		}
	}
	for c, err := range s.History(t.Context(), "esx1", "") {
		all = append(all, fmt.Sprint(c.ID, " ", c.Kind, " ", c.Old, " ", c.New, " ", err))
		if len(c.Relations) > 0 {
			all = append(all, c.Relations, c.Known)
		}
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

package store_test

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// takeAt brings a host's inventory to what was found at a time.
func takeAt(t *testing.T, s *store.Store, at time.Time, found ...*cim.Instance) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Apply("esx1", func(v inventory.View) inventory.Delta {
			return inventory.Sync(v, inventory.Snapshot{Host: "esx1", Instances: found, Started: at, Reason: inventory.Resync})
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// captioned returns so many fans with a caption.
func captioned(fans int, caption string) (found []*cim.Instance) {
	for n := range fans {
		f := fan(fmt.Sprint(n), 2)
		f.Set("Caption", cim.String(caption))
		found = append(found, f)
	}
	return found
}

// past returns the captions that the history leads to, and how many are not told exactly.
func past(t *testing.T, s *store.Store, at time.Time) (captions map[string]int, condensed int) {
	t.Helper()
	p, err := inventory.At(s.History(t.Context(), "esx1", ""), at)
	if err != nil {
		t.Fatal(err)
	}
	captions = map[string]int{}
	for _, c := range p.Components {
		captions[c.Instance().Text("Caption")]++
	}
	return captions, len(p.Condensed)
}

// The latest changes of each component stay, and those before are one; in several sweeps, and
// over a restart.
func TestHistoryIsCondensed(t *testing.T) {
	const fans, rounds, kept = 90, 220, 10
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	options := c.options()
	s := openAt(t, path, options)
	for n := range rounds {
		takeAt(t, s, start.Add(time.Duration(n)*time.Minute), captioned(fans, fmt.Sprint(n))...)
	}
	if done := maintain(t, s); done.Changes != 0 {
		t.Fatalf("without a limit: %+v", done)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	options.HistoryChanges = kept
	s = openAt(t, path, options)
	first := maintain(t, s)
	if first.Changes < 1<<14 || first.Changes > 1<<14+rounds {
		t.Errorf("the first sweep dropped %d changes", first.Changes)
	}
	if captions, _ := past(t, s, c.Now().Add(rounds*time.Hour)); captions[fmt.Sprint(rounds-1)] != fans {
		t.Errorf("in between it leads to %v", captions)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, options)
	second := maintain(t, s)
	if want := uint64(fans * (rounds - 1 - kept - 1)); first.Changes+second.Changes != want {
		t.Errorf("%d and %d changes were dropped, want %d", first.Changes, second.Changes, want)
	}
	if done := maintain(t, s); done.Changes != 0 {
		t.Errorf("once more %+v", done)
	}
	history := storetest.Collect(t, s.History(t.Context(), "esx1", idOf(fan("7", 0))))
	want := []string{"appeared NULL NULL", fmt.Sprintf("condensed 2026-11-20T08:00:00Z %d", rounds-1-kept)}
	for n := rounds - kept; n < rounds; n++ {
		want = append(want, fmt.Sprintf("property %d %d", n-1, n))
	}
	var got []string
	for _, c := range history {
		got = append(got, fmt.Sprint(c.Kind, " ", c.Old, " ", c.New))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history of a fan (-want +got):\n%s", diff)
	}
	for n, exact := range map[int]int{0: fans, rounds - 12: fans, rounds - 11: 0, rounds - 5: 0, rounds: 0} {
		captions, condensed := past(t, s, start.Add(time.Duration(n)*time.Minute))
		shown := fmt.Sprint(min(n, rounds-1))
		if exact > 0 {
			shown = "0" // as it came
		}
		if captions[shown] != fans || condensed != exact {
			t.Errorf("at %d: %v, %d not exact", n, captions, condensed)
		}
	}
	checkFile(t, s, path)
}

// checkFile closes a store and finds nothing wrong in its file.
func checkFile(t *testing.T, s *store.Store, path string) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := store.Inspect(t.Context(), path, nil)
	if err != nil || len(report.Findings) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// What is old goes, and all of what is gone; one component with more changes than are read
// at once takes several sweeps.
func TestOldHistoryIsDropped(t *testing.T) {
	const rounds = 4500
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	options := c.options()
	options.HistoryAge = 24 * time.Hour
	s := openAt(t, path, options)
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for n := range rounds {
			found := captioned(1, fmt.Sprint(n))
			if n == 0 {
				found = append(found, fan("gone", 2))
			}
			_, err := tx.Apply("esx1", func(v inventory.View) inventory.Delta {
				return inventory.Sync(v, inventory.Snapshot{
					Host: "esx1", Instances: found, Started: start.Add(time.Duration(n) * time.Second), Reason: inventory.Resync,
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if done := maintainWith(t, s, c, 24*time.Hour); done.Changes != 0 {
		t.Errorf("too early: %+v", done)
	}
	dropped := uint64(0)
	for range 3 {
		dropped += maintainWith(t, s, c, 2*time.Hour).Changes
	}
	history := storetest.Collect(t, s.History(t.Context(), "esx1", ""))
	if len(history) != 2 || history[1].Kind != inventory.Condensed || dropped != rounds+2-2 {
		t.Errorf("%d were dropped, %d are left: %s", dropped, len(history), kinds(history))
	}
	if number, _ := history[1].New.Uint64(); number != rounds-1 {
		t.Errorf("the last stands for %d", number)
	}
	if captions, _ := past(t, s, c.Now()); captions[fmt.Sprint(rounds-1)] != 1 || len(captions) != 1 {
		t.Errorf("it leads to %v", captions)
	}
	checkFile(t, s, path)
}

// A change that cannot be read is told of, and the other components are condensed.
func TestDamagedHistoryIsPassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	options := c.options()
	open := func() *store.Store { // its file is not checked in the end
		t.Helper()
		s, err := store.Open(path, options)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	for n := range 10 {
		takeAt(t, s, start.Add(time.Duration(n)*time.Minute), captioned(2, fmt.Sprint(n))...)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, path, func(tx *bbolt.Tx) error {
		changes, key := tx.Bucket([]byte("changes")), binary.BigEndian.AppendUint64(nil, 3)
		change := changes.Get(key)
		return changes.Put(key, change[:len(change)-1])
	})
	options.HistoryChanges = 2
	s = open()
	done, err := s.Maintain(t.Context())
	if err == nil || !strings.Contains(err.Error(), "condense history: change is damaged: number ") || done.Changes != 6 {
		t.Errorf("dropped %d changes, %v", done.Changes, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

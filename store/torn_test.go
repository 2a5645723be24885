package store_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/cimwatch/cimwatch/store"
)

// written fills a store and returns its file as it is after each of some commits.
func written(t *testing.T, entries, commits int) (images [][]byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	n := int64(0)
	for ; n < int64(entries); n++ {
		e := entry(n)
		e.Raw = noise(5000)
		keep(t, s, e)
	}
	for range commits {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, content)
		keep(t, s, entry(n))
		n++
	}
	return images
}

// Whatever is cut off the last megabyte of what a file holds, it is refused; where only
// room is cut off it opens with all entries.
func TestCutLastMegabyte(t *testing.T) {
	const entries = 300
	image := written(t, entries, 1)[0]
	used := len(bytes.TrimRight(image, "\x00"))
	if used < 1<<20 {
		t.Fatalf("the file has %d bytes in use, want more than a megabyte", used)
	}
	path := filepath.Join(t.TempDir(), "cut.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	step := 512
	if testing.Short() {
		step = 16 << 10
	}
	opened, refused := 0, 0
	for size := (used + 64<<10) / 512 * 512; size > used-1<<20; size -= step {
		if err := os.Truncate(path, int64(size)); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(path, &store.Options{ReadOnly: true})
		if errors.Is(err, store.ErrFormat) && errors.Is(err, store.ErrCut) {
			refused++
			continue
		}
		if err != nil {
			t.Fatalf("%d bytes: got %v, want ErrFormat", size, err)
		}
		if opened++; opened%16 == 1 { // all of them take long
			err = s.Check(t.Context())
		}
		if got := len(readAll(t, s, 0)); got != entries || err != nil || s.Close() != nil {
			t.Errorf("%d bytes: %d entries, want %d, %v", size, got, entries, err)
		}
	}
	if opened == 0 || refused < 1<<20/step-16 {
		t.Errorf("%d opened, %d refused", opened, refused)
	}
}

// A commit that a power cut tears, in pieces of 512 bytes and in any order, has not
// happened: what was acknowledged before is there. Once its meta page is written it has
// happened, for that is written after all others are on disk.
func TestTornCommit(t *testing.T) {
	const entries, sector, metas = 60, 512, 2 * 4096
	if os.Getpagesize()*2 != metas {
		t.Skip("the pages of this system have another size")
	}
	images := written(t, entries, 4)
	path := filepath.Join(t.TempDir(), "torn.db")
	random := rand.New(rand.NewPCG(1, 2))
	rounds := 40
	if testing.Short() {
		rounds = 6
	}
	for commit := range len(images) - 1 {
		before, after := images[commit], images[commit+1]
		for round := range rounds {
			torn := append(bytes.Clone(before), after[len(before):]...)
			for at := metas; at < len(before); at += sector {
				if round == rounds-1 || random.IntN(2) == 0 {
					copy(torn[at:at+sector], after[at:])
				}
			}
			tearMeta(torn, before, after, round)
			if err := os.WriteFile(path, torn, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(path, nil)
			if err != nil {
				t.Fatalf("commit %d, round %d: %v", commit, round, err)
			}
			got := len(readAll(t, s, 0))
			_, duplicate, appended := s.Append(t.Context(), entry(int64(entries+commit)-1))
			if want := commit > 0; got != entries+commit || duplicate != want || appended != nil {
				t.Errorf("commit %d, round %d: %d entries, the last is known: %v, %v", commit, round, got, duplicate, appended)
			}
			if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
				t.Errorf("commit %d, round %d: %v", commit, round, err)
			}
		}
	}
}

// tearMeta writes a part of the meta page that the commit wrote, in some rounds.
func tearMeta(torn, before, after []byte, round int) {
	if round%2 == 0 {
		return
	}
	for page := 0; page < 8192; page += 4096 {
		if bytes.Equal(before[page:page+4096], after[page:page+4096]) {
			continue
		}
		end := 80 // of the meta
		for end > 0 && before[page+end-1] == after[page+end-1] {
			end--
		}
		copy(torn[page:page+end-1], after[page:])
		return
	}
}

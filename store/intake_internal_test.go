package store

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzIntake reads what could be an intake: whatever it is, it costs no more than its size.
func FuzzIntake(f *testing.F) {
	in := newIntake(filepath.Join(f.TempDir(), "x.intake"))
	for n := range 3 {
		e := Entry{Class: "CIM_Alert", Raw: []byte{byte(n)}}
		r := &request{entry: &e, record: e.encode(newCompressor(), uint64(n))}
		if err := in.write([]*request{r, r}[:1+n%2]); err != nil {
			f.Fatal(err)
		}
	}
	in.take(in.place)
	content, err := os.ReadFile(in.path)
	if err != nil {
		f.Fatal(err)
	}
	if err := in.close(); err != nil {
		f.Fatal(err)
	}
	f.Add(content, uint64(0))
	f.Add(content[:3*intakePage], uint64(1))
	f.Add(content[:intakePage+1], uint64(9))
	f.Fuzz(func(t *testing.T, content []byte, taken uint64) {
		_, left, err := parseIntake(content, func(intakeID) uint64 { return taken })
		for n, r := range left {
			if err != nil || r.place != taken+1+uint64(n) || r.waits() {
				t.Fatalf("request %d of %d is in place %d behind %d, %v", n, len(left), r.place, taken, err)
			}
		}
	})
}

// TestNoFrameIsForged: without the identity of the file nothing that a sender makes up
// passes for a frame, wherever it comes to stand.
func TestNoFrameIsForged(t *testing.T) {
	forger := newIntake(filepath.Join(t.TempDir(), "forged.intake"))
	e := Entry{Class: "forged", Raw: []byte("x")}
	frame := forger.encode([]*request{{entry: &e, record: e.encode(newCompressor(), 1)}})
	in := newIntake(filepath.Join(t.TempDir(), "x.intake"))
	raw := make([]byte, 3*intakePage)
	for at := range 2 * intakePage { // one of them begins a page
		if at%intakePage == (2*intakePage-frameHeader-64)%intakePage {
			copy(raw[at:], frame)
		}
	}
	bearer := Entry{Class: "bearer", Raw: raw}
	r := &request{entry: &bearer, record: raw}
	if err := in.write([]*request{r}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(in.path)
	if err != nil {
		t.Fatal(err)
	}
	if frames := framesAfter(content, in.id, 0); len(frames) != 1 {
		t.Errorf("%d frames, want 1", len(frames))
	}
	clear(content[intakePage:][:intakePage]) // where the true frame begins
	if frames := framesAfter(content, in.id, 0); len(frames) != 0 {
		t.Errorf("%d frames of what a sender made up", len(frames))
	}
	in.take(in.place)
	if err := in.close(); err != nil {
		t.Error(err)
	}
}

// TestFrameThatFailed is on disk all the same, in the half before that of the one that was
// written in its place; and the journal has taken in a part of the latter.
func TestFrameThatFailed(t *testing.T) {
	in := newIntake(filepath.Join(t.TempDir(), "x.intake"))
	entry := func(class string) *request {
		e := Entry{Class: class, Raw: []byte(class)}
		return &request{entry: &e, record: e.encode(newCompressor(), 1)}
	}
	write := func(classes ...string) {
		var batch []*request
		for _, class := range classes {
			batch = append(batch, entry(class))
		}
		if err := in.write(batch); err != nil {
			t.Fatal(err)
		}
	}
	write("1", "2")
	write("lost", "lost", "lost")
	in.place -= 3 // it was told to have failed
	in.half, in.at = 1, 0
	write("3", "4", "5", "6")
	write("7")
	content, err := os.ReadFile(in.path)
	if err != nil {
		t.Fatal(err)
	}
	for taken, want := range []string{"1234567", "234567", "34567", "4567", "567", "67", "7", ""} {
		_, left, err := parseIntake(content, func(intakeID) uint64 { return uint64(taken) })
		got := ""
		for n, r := range left {
			if got += r.entry.Class; r.place != uint64(taken+n+1) {
				t.Errorf("%d taken: place %d behind %d", taken, r.place, n)
			}
		}
		if err != nil || got != want {
			t.Errorf("%d taken: got %s, %v, want %s", taken, got, err, want)
		}
	}
	in.take(in.place)
	if err := in.close(); err != nil {
		t.Error(err)
	}
}

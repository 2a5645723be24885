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

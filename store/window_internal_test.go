package store

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/event"
)

var sameWindow = cmp.Options{
	cmp.AllowUnexported(window{}, seenNumber{}, seenContent{}, openGap{}), cmpopts.EquateEmpty(),
	cmpopts.IgnoreFields(window{}, "dirtySince"),
}

func TestWindowsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 1e10).Draw(t, "at"), 0).UTC()
		want := &window{
			touched: at, began: at, entry: rapid.Uint64().Draw(t, "entry"), host: rapid.String().Draw(t, "host"),
			first: rapid.Int64().Draw(t, "first"), next: rapid.Int64().Draw(t, "next"),
		}
		for _, n := range rapid.SliceOf(rapid.Uint32()).Draw(t, "numbers") {
			want.numbers = append(want.numbers, seenNumber{n, rapid.Uint32().Draw(t, "hash")})
		}
		for _, n := range rapid.SliceOf(rapid.Int64()).Draw(t, "gaps") {
			want.gaps = append(want.gaps, openGap{n, n + 1, 3, at, n%2 == 0})
		}
		for _, h := range rapid.SliceOf(rapid.Uint64()).Draw(t, "contents") {
			want.contents = append(want.contents, seenContent{h, at})
		}
		got, err := decodeWindow(want.encode())
		if diff := cmp.Diff(want, got, sameWindow); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func numberedRequest(n int64, hash uint64, at time.Time) *request {
	return &request{hash: hash, entry: &Entry{Received: at, Sequence: &event.Sequence{Context: "c", Number: n}}}
}

// contentOf is a hash that says which number it is of.
func contentOf(n int64) uint64 { return uint64(n+1) << 32 }

func TestWindowJudges(t *testing.T) {
	const top = math.MaxInt64
	tests := map[string]struct {
		arrivals string // numbers; "r": with new content; "+": a quarter of an hour passed
		verdicts string // of each: fresh, late, duplicate
		missing  string // what is open in the end; "!": given up
	}{
		"in order":                {"0 1 2 3", "ffff", ""},
		"begins anywhere":         {"17 18", "ff", ""},
		"earlier ones come late":  {"17 16 18 15", "flfl", ""},
		"retries":                 {"0 0 1 0 1", "fdfdd", ""},
		"order lost in retries":   {"12 16 17 13 14 15 18", "ffflllf", ""},
		"a gap":                   {"0 3", "ff", "1-2"},
		"a gap is split":          {"0 9 5", "ffl", "1-4 6-8"},
		"a late one comes twice":  {"0 2 1 1", "ffld", ""},
		"two gaps":                {"0 2 5", "fff", "1-1 3-4"},
		"reset":                   {"0 1 2 r0 r1", "fffff", ""},
		"reset, then a retry":     {"0 1 r0 r0", "fffd", ""},
		"reset gives gaps up":     {"0 2 r0", "fff", "1-1!"},
		"reset at another number": {"0 1 2 3 r2 r3", "ffffff", ""},
		"reset, begun elsewhere":  {"17 18 + 0 1", "ffff", ""},
		"wraps around":            {fmt.Sprint(top-1, " ", top, " 0 1"), "ffff", ""},
		"wraps around, retried":   {fmt.Sprint(top, " 0 ", top, " 0 1"), "ffddf", ""},
		"up to the top":           {fmt.Sprint("0 ", top), "ff", fmt.Sprint("1-", top-1)},
		"negative":                {"-5 -4 -2", "fff", "-3--3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := &window{}
			at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
			var got strings.Builder
			for arrival := range strings.FieldsSeq(tt.arrivals) {
				at = at.Add(time.Second)
				if arrival == "+" {
					at = at.Add(15 * time.Minute)
					continue
				}
				text, renewed := strings.CutPrefix(arrival, "r")
				var n int64
				if _, err := fmt.Sscan(text, &n); err != nil {
					t.Fatal(err)
				}
				hash := contentOf(n)
				if renewed {
					hash++
					hash <<= 7
				}
				got.WriteByte("fld"[w.note(numberedRequest(n, hash, at), &rules{lifetime: 15 * time.Minute})])
				if w, err := decodeWindow(w.encode()); err != nil || w == nil {
					t.Fatal(err)
				}
			}
			var missing []string
			for _, g := range w.gaps {
				missing = append(missing, fmt.Sprintf("%d-%d%s", g.first, g.last, strings.Repeat("!", int(flag(g.final, 1)))))
			}
			if got.String() != tt.verdicts || strings.Join(missing, " ") != tt.missing {
				t.Errorf("%s: got %s, missing %q, want %s, missing %q", tt.arrivals, got.String(), missing, tt.verdicts, tt.missing)
			}
		})
	}
}

// Whatever order numbers come in, each is kept once, and what did not come is missing.
func TestWindowMissesWhatDidNotCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &window{}
		sent := rapid.SliceOfN(rapid.Int64Range(0, 40), 1, 80).Draw(t, "sent")
		kept := map[int64]int{}
		at := time.Unix(0, 0)
		highest := sent[0]
		for _, n := range sent {
			highest = max(highest, n)
			if w.note(numberedRequest(n, contentOf(n), at), &rules{lifetime: time.Hour}) != duplicate {
				kept[n]++
			}
		}
		for n := int64(0); n <= highest; n++ {
			missing := kept[n] == 0 && n > sent[0]
			if kept[n] > 1 || w.waitsFor(n) != missing {
				t.Fatalf("%d: kept %d times, waited for: %v, want %v", n, kept[n], w.waitsFor(n), missing)
			}
		}
	})
}

func TestGapsAreCalledAfterTheirTime(t *testing.T) {
	w := &window{}
	at := time.Unix(1000, 0)
	r := &rules{lifetime: time.Minute}
	for n, number := range []int64{0, 2, 5} {
		w.note(numberedRequest(number, contentOf(number), at.Add(time.Duration(n)*time.Second)), r)
	}
	for _, tt := range []struct{ after, called int64 }{{60, 0}, {61, 1}, {61, 0}, {62, 1}, {999, 0}} {
		if got := w.call(time.Unix(1000+tt.after, 0), r.lifetime); len(got) != int(tt.called) {
			t.Errorf("after %d s: called %v, want %d", tt.after, got, tt.called)
		}
	}
}

func TestWindowsAreBounded(t *testing.T) {
	var w window
	at := time.Now()
	for n := range int64(10_000) {
		w.note(numberedRequest(3*n, contentOf(n), at), &rules{lifetime: time.Hour})
		w.unnumbered(uint64(n), at, time.Minute)
		w.call(at, time.Hour)
	}
	if len(w.numbers) != keptNumbers || len(w.contents) != keptContents || len(w.gaps) != keptOpen {
		t.Errorf("%d numbers, %d contents, %d gaps", len(w.numbers), len(w.contents), len(w.gaps))
	}
	const last = 3 * 9_999
	rules := &rules{lifetime: time.Hour}
	if v := w.note(numberedRequest(last, contentOf(9_999), at), rules); v != duplicate {
		t.Errorf("the last again: %v", v)
	}
	if v := w.note(numberedRequest(last-3*keptNumbers, 0, at), rules); v != late {
		t.Errorf("one that is not remembered: %v", v)
	}
}

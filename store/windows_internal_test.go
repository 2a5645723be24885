package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/event"
)

// sendersFile is a file with what windows are kept in.
func sendersFile(t testing.TB, path string) *bbolt.DB {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err == nil {
		err = db.Update(format)
	}
	if err != nil {
		t.Fatal(err)
	}
	return db
}

var errPowerCut = errors.New("power cut")

// A transaction that fails leaves the windows as they were: they judge the same as others
// that have not seen it, and the file holds the same.
func TestFailedTransactionsDoNotCount(t *testing.T) {
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(rt *rapid.T) {
		var sides [2]side
		for n := range sides {
			files++
			sides[n].db = sendersFile(t, filepath.Join(dir, fmt.Sprint(files)))
			defer func() { _ = sides[n].db.Close() }() // its content is not needed
			sides[n].ws = newWindows(rules{time.Minute, time.Minute})
		}
		now := time.Unix(1e9, 0).UTC()
		for range rapid.IntRange(1, 12).Draw(rt, "transactions") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(rt, "seconds")) * time.Second)
			sides[0].now, sides[1].now = now, now
			batch := rapid.SliceOfN(rapid.Custom(drawRequest), 1, 6).Draw(rt, "batch")
			some := rapid.IntRange(0, 3).Draw(rt, "flushed")
			if rapid.Bool().Draw(rt, "fails") {
				sides[0].transact(rt, batch, some, errPowerCut)
			} else {
				got := sides[0].transact(rt, batch, some, nil)
				want := sides[1].transact(rt, batch, some, nil)
				if got != want {
					rt.Fatalf("judged %s after a failure, %s without", got, want)
				}
			}
			if diff := cmp.Diff(sides[1].ws.cache, sides[0].ws.cache, sameWindow); diff != "" {
				rt.Fatalf("(-without +with a failure)\n%s", diff)
			}
		}
	})
}

func drawRequest(t *rapid.T) *request {
	e := &Entry{Remote: rapid.SampledFrom([]string{"a:1", "b:2"}).Draw(t, "remote")}
	if rapid.IntRange(0, 3).Draw(t, "numbered") > 0 {
		e.Sequence = &event.Sequence{
			Context: rapid.StringMatching("[a-k]").Draw(t, "context"), Number: rapid.Int64Range(0, 9).Draw(t, "number"),
		}
	}
	r := &request{entry: e, hash: rapid.Uint64Range(0, 2).Draw(t, "content") << 32}
	r.sender, r.prefix = senderKey(e)
	return r
}

// side is one of two that are compared.
type side struct {
	db   *bbolt.DB
	ws   *windows
	now  time.Time
	last uint64
}

// transact takes a batch in, in one transaction, and tells how it was judged.
func (s *side) transact(t *rapid.T, batch []*request, some int, fail error) string {
	var verdicts []verdict
	var gaps []Gap
	last := s.last
	s.ws.begin()
	err := s.db.Update(func(tx *bbolt.Tx) error {
		for _, r := range batch {
			last++
			r.entry.Number, r.entry.Received = last, s.now
			v, err := s.ws.note(tx.Bucket(bucketSenders), r)
			if err != nil {
				return err
			}
			verdicts = append(verdicts, v)
		}
		gaps = s.ws.call(s.now)
		if _, err := s.ws.flush(tx, last, some); err != nil {
			return err
		}
		return fail
	})
	if !errors.Is(err, fail) {
		t.Fatal(err)
	}
	if s.ws.end(err == nil); err == nil {
		s.last = last
	}
	return fmt.Sprint(verdicts, gaps)
}

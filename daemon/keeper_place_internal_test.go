package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// unsure is an inventory that loses what becomes of an update: it is done, and fails.
type unsure struct {
	store.Inventory
	lose bool
}

var errUnsure = errors.New("what became of the update is not known")

func (u *unsure) Update(ctx context.Context, do func(store.InventoryTx) error) error {
	err := u.Inventory.Update(ctx, do)
	if u.lose && err == nil {
		u.lose = false
		err = errUnsure
	}
	return err
}

const alertMessage = `<?xml version="1.0"?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="%d" PROTOCOLVERSION="1.0"><SIMPLEEXPREQ>` +
	`<EXPMETHODCALL NAME="ExportIndication"><EXPPARAMVALUE NAME="NewIndication"><INSTANCE CLASSNAME="CIM_AlertIndication">` +
	`<PROPERTY NAME="Description" TYPE="string"><VALUE>%d</VALUE></PROPERTY></INSTANCE></EXPPARAMVALUE></EXPMETHODCALL>` +
	`</SIMPLEEXPREQ></MESSAGE></CIM>`

// newKeeper returns one that follows a journal with some entries, and what it tells of.
func newKeeper(t *testing.T, entries int) (k *inventoryKeeper, kept *unsure, told *[]uint64) {
	t.Helper()
	s := storetest.Open(t, nil)
	for n := range entries {
		e := store.Entry{Received: time.Unix(int64(n), 0), Host: "esx1", Path: "/in", Raw: fmt.Appendf(nil, alertMessage, n, n)}
		if _, _, err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	told, kept = &[]uint64{}, &unsure{Inventory: s.Inventory()}
	k = &inventoryKeeper{
		journal: s, kept: kept, metrics: newMetrics(), log: slog.New(slog.DiscardHandler), after: time.After, now: time.Now, decoder: newDecoder(), ahead: readAhead{decoder: newDecoder()},
		came: func(*store.Entry) {}, rules: func(string) inventory.Rules { return inventory.Rules{} },
		has:   func(string) bool { return true },
		heard: func(e *event.Event) { *told = append(*told, e.Entry) },
		observe: &Observer{Applied: func(e store.Entry, _ event.Event, _ []inventory.Change) {
			*told = append(*told, e.Number)
		}},
	}
	if err := k.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k, kept, told
}

// TestBatchInDoubt has a batch fail that is in the inventory all the same: what it did is told of,
// once, as if it had not failed.
func TestBatchInDoubt(t *testing.T) {
	k, kept, told := newKeeper(t, 3)
	kept.lose = true
	if _, err := k.batch(t.Context()); !errors.Is(err, errUnsure) {
		t.Fatalf("got %v", err)
	}
	if len(*told) != 0 {
		t.Errorf("told of %v before it was known", *told)
	}
	for range 2 {
		if _, err := k.batch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(*told); got != "[1 1 2 2 3 3]" || k.cursor.now() != 3 {
		t.Errorf("told of %v, and is at entry %d", got, k.cursor.now())
	}
	if stale := k.metrics.components.takeStale(); !stale["esx1"] {
		t.Error("the host is not counted again")
	}
}

// TestReleaseInDoubt does the same with an entry that was held back, which moves no cursor.
func TestReleaseInDoubt(t *testing.T) {
	k, kept, told := newKeeper(t, 0)
	now := time.Unix(1000, 0)
	k.now, k.order.window = func() time.Time { return now }, time.Minute
	applied := 0
	k.rules = func(string) inventory.Rules {
		applied++
		return inventory.Rules{}
	}
	for n, number := range []int64{0, 2} {
		e := store.Entry{
			Received: now, Host: "esx1", Path: "/in", Raw: fmt.Appendf(nil, alertMessage, n, n), Sequence: &event.Sequence{Context: "c", Number: number},
		}
		if _, _, err := k.journal.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	batch := func() error {
		_, err := k.batch(t.Context())
		return err
	}
	if err := batch(); err != nil || fmt.Sprint(*told) != "[1 1]" {
		t.Fatalf("told of %v, %v: the second entry is to be held back", *told, err)
	}
	now, kept.lose = now.Add(2*time.Minute), true
	if err := batch(); !errors.Is(err, errUnsure) {
		t.Fatalf("got %v", err)
	}
	for range 2 {
		if err := batch(); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(*told); got != "[1 1 2 2]" || applied != 2 {
		t.Errorf("told of %v; %d entries were applied, want 2", got, applied)
	}
}

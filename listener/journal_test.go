package listener_test

import (
	"context"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

// A journalKeeper is a keeper that writes to the journal of a store first.
type journalKeeper struct {
	keeper
	file    string
	journal *store.Store
}

func (k *journalKeeper) open(t *testing.T) {
	t.Helper()
	var err error
	if k.journal, err = store.Open(k.file, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.journal.Close(); err != nil {
			t.Error(err)
		}
	})
}

// HandleIndication keeps an indication. Captures repeat themselves, as the servers did, so
// each gets a path of its own: a repeated delivery would be kept once.
func (k *journalKeeper) HandleIndication(ctx context.Context, i *listener.Indication) error {
	e := store.Entry{
		Received: i.Received, Remote: i.Remote.String(), Path: time.Now().Format(time.RFC3339Nano) + i.Path,
		Host: i.Host, Class: i.Instance.Class, MessageID: i.MessageID, Raw: i.Raw,
	}
	if i.Sequence != nil {
		e.Sequence = &event.Sequence{Context: i.Sequence.Context, Number: i.Sequence.Number}
	}
	if _, _, err := k.journal.Append(ctx, e); err != nil {
		return err
	}
	return k.keeper.HandleIndication(ctx, i)
}

// compare closes the journal, opens its file again and compares each entry with the
// instance that was sent.
func (k *journalKeeper) compare(t *testing.T, sent []*etree.Element) {
	t.Helper()
	if err := k.journal.Close(); err != nil {
		t.Fatal(err)
	}
	k.open(t)
	n := 0
	for e, err := range k.journal.Read(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		x, err := cimxml.DecodeExport(e.Raw)
		if err != nil || n >= len(sent) {
			t.Fatalf("entry %d of %d: %v", e.Number, len(sent), err)
		}
		compareInstance(t, x.Indication, sent[n])
		n++
	}
	if n != len(sent) {
		t.Errorf("the journal holds %d entries, want %d", n, len(sent))
	}
	t.Logf("%d exports answered 200 are in the journal with every property as it was sent", n)
}

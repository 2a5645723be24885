package daemon

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

// TestReady follows /readyz and the log through what cannot be had on order: a disk that
// is full and is not any more.
func TestReady(t *testing.T) {
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	d := &Daemon{log: logger, now: now, metrics: newMetrics(), inventory: &inventoryKeeper{log: logger, now: now}}
	later := func(do func()) func() {
		return func() {
			at = at.Add(listener.TroubleLasts)
			do()
		}
	}
	kept := func() { d.committed(store.CommitInfo{Entries: 1}) }
	full := errors.New("no space left on device")
	for _, step := range []struct {
		name   string
		do     func()
		status int
		said   string
	}{
		{"at the start", func() {}, http.StatusOK, ""},
		{"commit fails", func() { d.committed(store.CommitInfo{Err: full}) }, http.StatusServiceUnavailable, "indications cannot be kept"},
		{"commit fails again", func() { d.committed(store.CommitInfo{Err: full}) }, http.StatusServiceUnavailable, ""},
		{"a small commit finds room", kept, http.StatusOK, ""},
		{"the next does not", later(func() { d.committed(store.CommitInfo{Err: full}) }), http.StatusServiceUnavailable, ""},
		{"commit succeeds", later(kept), http.StatusOK, ""},
		{"commit succeeds for a while", later(kept), http.StatusOK, "indications are kept again"},
		{"and goes on", later(kept), http.StatusOK, ""},
		{"inventory fails", func() { d.inventory.note(full) }, http.StatusServiceUnavailable, "inventory does not follow the journal"},
		{"inventory fails again", func() { d.inventory.note(full) }, http.StatusServiceUnavailable, ""},
		{"inventory follows", func() { d.inventory.note(nil) }, http.StatusOK, ""},
		{"inventory follows for a while", later(func() { d.inventory.note(nil) }), http.StatusOK, "inventory follows the journal again"},
		{"stopping", func() { d.stopping.Store(true) }, http.StatusServiceUnavailable, ""},
	} {
		log.Reset()
		step.do()
		w := httptest.NewRecorder()
		d.ready(w, nil)
		if w.Code != step.status {
			t.Errorf("%s: %d %s", step.name, w.Code, w.Body)
		}
		if said := log.String(); !strings.Contains(said, step.said) || step.said == "" && said != "" {
			t.Errorf("%s: logged %q, want %q", step.name, said, step.said)
		}
	}
}

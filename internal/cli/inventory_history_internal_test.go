package cli

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/web"
)

// TestCondensedText shows what stands for changes that are not kept as people read it.
func TestCondensedText(t *testing.T) {
	at := time.Date(2026, 11, 20, 16, 39, 37, 116104000, time.Local)
	c := web.Change{Kind: "condensed", Time: at, Old: json.RawMessage(`"2026-11-20T16:39:37.116104Z"`), New: json.RawMessage("38")}
	if got, want := changed(&c), "38 changes up to 2026-11-20 16:39:37 not kept"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

package cli

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
)

func TestOnlineTree(t *testing.T) {
	defer goleak.VerifyNone(t)
	classes := tree{below: map[string][]string{
		"": {"B", "A"}, "A": {"A2", "A1"}, "A1": {"A11"}, "B": nil,
	}}
	got, err := onlineTree(t.Context(), classes, "")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := got.WriteText(&text, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("A\n  A1\n    A11\n  A2\nB\n", text.String()); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	if _, err := onlineTree(t.Context(), classes, "C"); !errors.Is(err, cim.StatusNotFound) {
		t.Errorf("error is %v, want that of GetClass", err)
	}
}

// TestOnlineTreeEnds asks servers that never come to an end.
func TestOnlineTreeEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	endless := tree{below: map[string][]string{}}
	for name := "A"; len(name) < 2*maxTreeDepth; name += "A" {
		endless.below[name] = []string{name + "A"}
	}
	for name, classes := range map[string]tree{
		"circle": {below: map[string][]string{"A": {"B", "C"}, "B": {"A"}, "C": {"a"}}},
		"itself": {below: map[string][]string{"A": {"A", "A"}}},
		"twice":  {below: map[string][]string{"A": {"B", "C"}, "B": {"D"}, "C": {"D"}}},
		"chain":  endless,
	} {
		if _, err := onlineTree(t.Context(), classes, "A"); err == nil || !strings.Contains(err.Error(), "class") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestOnlineTreeStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	broken := errors.New("broken")
	classes := tree{
		below: map[string][]string{"": {"A", "B", "C", "D", "E", "F", "G", "H"}},
		asked: func(class string) error {
			if class == "C" {
				return broken
			}
			return nil
		},
	}
	if _, err := onlineTree(t.Context(), classes, ""); !errors.Is(err, broken) {
		t.Errorf("error is %v, want the server's", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := onlineTree(ctx, classes, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
}

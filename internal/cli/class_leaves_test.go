package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
)

// tree is the subclasses of each class, and answers as a server does.
type tree struct {
	below map[string][]string
	asked func(class string) error // called for each shallow question; nil: nothing
}

func (c tree) EnumerateClassNames(_ context.Context, _, class string, deep bool) ([]string, error) {
	if !deep {
		if c.asked != nil {
			if err := c.asked(class); err != nil {
				return nil, err
			}
		}
		return c.below[class], nil
	}
	return c.descendants(class), nil
}

func (c tree) descendants(class string) []string {
	var all []string
	for _, child := range c.below[class] {
		all = append(append(all, child), c.descendants(child)...)
	}
	return all
}

func (c tree) GetClass(_ context.Context, _, class string, _ *cim.ReadOptions) (*cim.Class, error) {
	if _, ok := c.below[class]; !ok {
		return nil, cim.Errorf(cim.StatusNotFound, "no %s", class)
	}
	return &cim.Class{Name: class}, nil
}

func TestFindLeaves(t *testing.T) {
	classes := tree{below: map[string][]string{
		"CIM_Indication":     {"CIM_ProcessIndication", "CIM_InstIndication"},
		"CIM_InstIndication": {"CIM_InstDeletion", "CIM_InstCreation"},
		"CIM_Lonely":         nil,
	}}
	tests := []struct {
		root string
		want []string
	}{
		{"CIM_Indication", []string{"CIM_InstCreation", "CIM_InstDeletion", "CIM_ProcessIndication"}},
		{"CIM_InstIndication", []string{"CIM_InstCreation", "CIM_InstDeletion"}},
		{"CIM_Lonely", []string{}},
	}
	for _, test := range tests {
		t.Run(test.root, func(t *testing.T) {
			got, err := findLeaves(t.Context(), classes, test.root)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("leaves (-want +got):\n%s", diff)
			}
		})
	}
	_, err := findLeaves(t.Context(), classes, "CIM_Missing")
	if !errors.Is(err, cim.StatusNotFound) {
		t.Errorf("error is %v, want that of GetClass", err)
	}
}

// TestFindLeavesBounded proves that no more than four questions are under way, and that four
// are.
func TestFindLeavesBounded(t *testing.T) {
	defer goleak.VerifyNone(t)
	const atOnce = 4
	var (
		mu          sync.Mutex
		now, most   int
		full        = make(chan struct{})
		names       []string
		alreadyFull bool
	)
	for i := range 40 {
		names = append(names, fmt.Sprintf("C%02d", i))
	}
	classes := tree{below: map[string][]string{"Root": names}, asked: func(string) error {
		mu.Lock()
		now++
		most = max(most, now)
		if now == atOnce && !alreadyFull {
			alreadyFull = true
			close(full)
		}
		mu.Unlock()
		<-full // nobody goes on before four are here
		mu.Lock()
		now--
		mu.Unlock()
		return nil
	}}
	got, err := findLeaves(t.Context(), classes, "Root")
	if err != nil || len(got) != len(names) {
		t.Errorf("%d leaves and error %v, want %d", len(got), err, len(names))
	}
	if most != atOnce {
		t.Errorf("%d questions at once, want %d", most, atOnce)
	}
}

func TestFindLeavesStopsAtAnError(t *testing.T) {
	defer goleak.VerifyNone(t)
	failure := cim.Errorf(cim.StatusAccessDenied, "no")
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprintf("C%03d", i))
	}
	var mu sync.Mutex
	asked := 0
	classes := tree{below: map[string][]string{"Root": names}, asked: func(string) error {
		mu.Lock()
		defer mu.Unlock()
		asked++
		return failure
	}}
	if _, err := findLeaves(t.Context(), classes, "Root"); !errors.Is(err, cim.StatusAccessDenied) {
		t.Errorf("error is %v, want %v", err, failure)
	}
	if asked > 4 {
		t.Errorf("%d classes were asked for after the first failed", asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := findLeaves(ctx, tree{below: map[string][]string{"Root": names}}, "Root"); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
}

func TestIsClassName(t *testing.T) {
	for _, name := range []string{"CIM_Fan", "_x", "A1", "LAB_Lüfter"} {
		if !isClassName(name) {
			t.Errorf("%q is refused", name)
		}
	}
	for _, name := range []string{"", "1A", "CIM Fan", "CIM-Fan", "root/cimv2:CIM_Fan", "A\x00"} {
		if isClassName(name) {
			t.Errorf("%q is taken", name)
		}
	}
}

func TestClassNamesText(t *testing.T) {
	var b strings.Builder
	if err := (classNames{Classes: []string{"CIM_A", "CIM_\x1bB"}}).WriteText(&b, true); err != nil {
		t.Fatal(err)
	}
	if want := "CIM_A\nCIM_\\x1bB\n"; b.String() != want {
		t.Errorf("text is %q, want %q", b.String(), want)
	}
}

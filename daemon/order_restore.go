package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// learntEntries are read after a restart to learn where the sequences are.
const learntEntries = 20_000

// restore finds what was held back before a restart, and where the sequences are.
func (k *inventoryKeeper) restore(ctx context.Context) error {
	k.order.make()
	held, err := k.restoreHeld(ctx)
	if err != nil || k.order.window <= 0 {
		return err
	}
	last := k.cursor.now()
	for e, err := range k.journal.ReadHeads(ctx, last-min(last, learntEntries)) {
		if err != nil {
			return err
		}
		if e.Number > last {
			return nil
		}
		if !held[e.Number] {
			k.order.learn(&e)
		}
	}
	return nil
}

// restoreHeld reads what was held back: what stands close together at once.
func (k *inventoryKeeper) restoreHeld(ctx context.Context) (held map[uint64]bool, err error) {
	cursors, err := k.kept.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	held = map[uint64]bool{}
	for name, before := range cursors {
		if strings.HasPrefix(name, heldPrefix) {
			held[before+1] = true
		}
	}
	const near = 256 // entries
	for left := slices.Sorted(maps.Keys(held)); len(left) > 0; {
		first := left[0]
		for e, err := range k.journal.Read(ctx, first-1) {
			if err != nil {
				return nil, err
			}
			if e.Number == left[0] {
				k.order.restore(&e)
				left = left[1:]
			}
			if len(left) == 0 || left[0] > e.Number+near {
				break
			}
		}
		if len(left) > 0 && left[0] == first {
			return nil, fmt.Errorf("entry %d, which was held back, is not in the journal", first)
		}
	}
	return held, nil
}

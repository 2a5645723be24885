package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/cimwatch/cimwatch/inventory"
)

// UnfinishedCopy is the name of a cursor that an inventory has while Copy writes to it, and after
// one that was broken off: until that is done again, nobody may follow a journal for it.
const UnfinishedCopy = "copy that is not finished"

// CopyOptions say what Copy does besides.
type CopyOptions struct {
	// Replace has hosts that the target has otherwise forgotten there, and copied. Else they
	// are an error.
	Replace bool

	// Cursors are set in the target, when all else is done. Of those that it has, the ones that
	// Owns names go; nil: none.
	Cursors map[string]uint64
	Owns    func(consumer string) bool

	Progress func() // called for each record that is compared or copied; nil: nobody is told
}

// Copied is what Copy did.
type Copied struct {
	Hosts      int // that were copied, some of them from where an earlier copy was broken off
	Replaced   int // of these, those that the target had otherwise
	Same       int // that the target had already
	Components int // that were written, also removed ones that are remembered
	Changes    int // the same
}

// A CopyConflict says that a target has hosts otherwise.
type CopyConflict struct {
	Hosts []string // some of them
	More  int      // how many others there are
	Why   string   // what the first of them has
}

// mostConflicts is how many hosts a CopyConflict names.
const mostConflicts = 5

// Error names the hosts.
func (c *CopyConflict) Error() string {
	more := ""
	if c.More > 0 {
		more = fmt.Sprintf(" and %d more", c.More)
	}
	return fmt.Sprintf("the target has otherwise: %s%s (%s: %s)", strings.Join(c.Hosts, ", "), more, c.Hosts[0], c.Why)
}

// Copy copies the hosts of an inventory to another one, with their components, those that were removed
// and are remembered included, and their history. It takes little memory however much there is:
// it writes pieces, each a transaction, and the record of a host with the last one. When it was broken
// off, the next Copy goes on where it was. A host that the target has already is left alone; one that
// it has otherwise is a *CopyConflict, before anything is written, unless o.Replace says otherwise. Hosts
// that only the target has stay. Nothing else may write to either of them meanwhile.
func Copy(ctx context.Context, from, to Inventory, o CopyOptions) (Copied, error) {
	c := &copier{from: from, to: to, options: o}
	plans, err := c.plan(ctx)
	if err != nil {
		return Copied{}, fmt.Errorf("copy inventory: %w", err)
	}
	for i := range plans {
		if plans[i].state == copySame {
			c.done.Same++
			continue
		}
		if err := c.host(ctx, &plans[i]); err != nil {
			return c.done, fmt.Errorf("copy inventory: host %s: %w", plans[i].host.Name, err)
		}
	}
	if err := c.write(ctx); err != nil {
		return c.done, fmt.Errorf("copy inventory: %w", err)
	}
	if err := c.finish(ctx); err != nil {
		return c.done, fmt.Errorf("copy inventory: cursors: %w", err)
	}
	return c.done, nil
}

// CheckCopy returns the error of a Copy that would be refused, and writes nothing.
func CheckCopy(ctx context.Context, from, to Inventory, o CopyOptions) error {
	c := &copier{from: from, to: to, options: o}
	if _, err := c.plan(ctx); err != nil {
		return fmt.Errorf("copy inventory: %w", err)
	}
	return nil
}

// A copier copies an inventory.
type copier struct {
	from, to Inventory
	options  CopyOptions
	done     Copied
	batch    copyBatch
}

// plan looks at what there is to do.
func (c *copier) plan(ctx context.Context) ([]hostCopy, error) {
	sources, err := c.from.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	targets, err := c.to.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]inventory.Host{}
	for i := range targets {
		there[targets[i].Name] = targets[i]
	}
	plans := make([]hostCopy, len(sources))
	var conflict *CopyConflict
	for i := range sources {
		plans[i].host = sources[i]
		if target, ok := there[sources[i].Name]; ok {
			if plans[i], err = c.compare(ctx, sources[i], target); err != nil {
				return nil, fmt.Errorf("host %s: %w", sources[i].Name, err)
			}
		}
		if plans[i].state == copyOther && !c.options.Replace {
			conflict = conflict.with(&plans[i])
		}
	}
	if conflict != nil {
		return nil, conflict
	}
	return plans, nil
}

func (c *CopyConflict) with(h *hostCopy) *CopyConflict {
	switch {
	case c == nil:
		return &CopyConflict{Hosts: []string{h.host.Name}, Why: h.why}
	case len(c.Hosts) < mostConflicts:
		c.Hosts = append(c.Hosts, h.host.Name)
	default:
		c.More++
	}
	return c
}

func (c *copier) progress() {
	if c.options.Progress != nil {
		c.options.Progress()
	}
}

// finish sets the cursors, unless they are as they should be.
func (c *copier) finish(ctx context.Context) error {
	all, err := c.to.Cursors(ctx)
	if err != nil {
		return err
	}
	owned := map[string]uint64{}
	for name, number := range all {
		if c.options.Owns != nil && c.options.Owns(name) {
			owned[name] = number
		}
	}
	if _, unfinished := all[UnfinishedCopy]; !unfinished && maps.Equal(owned, c.options.Cursors) {
		return nil
	}
	return c.to.Update(ctx, func(tx InventoryTx) error {
		var errs []error
		for name := range owned {
			errs = append(errs, tx.DeleteCursor(name))
		}
		for name, number := range c.options.Cursors {
			errs = append(errs, tx.SetCursor(name, number))
		}
		return errors.Join(append(errs, tx.DeleteCursor(UnfinishedCopy))...)
	})
}

package store

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"github.com/cimwatch/cimwatch/inventory"
)

// copyState is how a target has a host.
type copyState int

const (
	copyNone  copyState = iota // not at all
	copyBegun                  // what there is of it is the same
	copySame                   // all of it is the same
	copyOther                  // there is something else
)

// A hostCopy is how a target has a host, and what is to be copied of it.
type hostCopy struct {
	host    inventory.Host // of the source
	state   copyState
	why     string // for copyOther: what is other
	changes int    // how many of the first changes it has
}

// compare compares a host that the target has. Records are compared as they are written, since that is
// without loss.
func (c *copier) compare(ctx context.Context, source, target inventory.Host) (hostCopy, error) {
	h := hostCopy{host: source, state: copySame}
	if !bytes.Equal(encodeHost(&source), encodeHost(&target)) {
		if h.state = copyBegun; target != (inventory.Host{Name: source.Name}) { // which Copy writes first
			h.state, h.why = copyOther, "its state, or when it was read or heard of last"
			return h, nil
		}
	}
	for _, of := range []func(Inventory) iter.Seq2[inventory.Component, error]{
		func(i Inventory) iter.Seq2[inventory.Component, error] { return i.Components(ctx, source.Name) },
		func(i Inventory) iter.Seq2[inventory.Component, error] { return i.Removed(ctx, source.Name) },
	} {
		if err := c.compareComponents(&h, of(c.from), of(c.to)); err != nil || h.state == copyOther {
			return h, err
		}
	}
	return h, c.compareHistory(ctx, &h)
}

// compareComponents goes through the components of both, which are sorted.
func (c *copier) compareComponents(h *hostCopy, from, to iter.Seq2[inventory.Component, error]) error {
	next, stop := iter.Pull2(from)
	defer stop()
	for target, err := range to {
		if err != nil {
			return err
		}
		source, err, ok := next()
		for ; ok && err == nil && source.ID < target.ID; source, err, ok = next() {
			h.state = copyBegun
		}
		c.progress()
		switch {
		case err != nil:
			return err
		case !ok || source.ID != target.ID:
			h.state, h.why = copyOther, fmt.Sprintf("component %s", target.ID)
			return nil
		case !bytes.Equal(encodeComponent(&source), encodeComponent(&target)):
			h.state, h.why = copyOther, fmt.Sprintf("component %s is not the same", target.ID)
			return nil
		}
	}
	_, err, ok := next()
	if ok {
		h.state = copyBegun
	}
	return err
}

// compareHistory goes through the changes of both.
func (c *copier) compareHistory(ctx context.Context, h *hostCopy) error {
	next, stop := iter.Pull2(c.from.History(ctx, h.host.Name, ""))
	defer stop()
	for target, err := range c.to.History(ctx, h.host.Name, "") {
		if err != nil {
			return err
		}
		c.progress()
		source, err, ok := next()
		if err != nil {
			return err
		}
		if !ok || !bytes.Equal(encodeChange(&source), encodeChange(&target)) {
			h.state, h.why = copyOther, fmt.Sprintf("change %d of its history, of %s", h.changes+1, target.ID)
			return nil
		}
		h.changes++
	}
	_, err, ok := next()
	if ok {
		h.state = copyBegun
	}
	return err
}

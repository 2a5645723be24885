package store

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/inventory"
)

// What a transaction of a copy holds at most, but for a record that is larger.
const (
	copyRecords = 1024
	copyBytes   = 4 << 20
)

// A copyBatch is what one transaction writes: of one host or of several small ones.
type copyBatch struct {
	pieces         []copyPiece
	records, bytes int
}

// A copyPiece is some of a host.
type copyPiece struct {
	host     *inventory.Host
	delta    inventory.Delta
	last     bool // the record of the host comes with it
	replaces bool // what the target has of the host is forgotten before
}

// host copies what the target does not have of a host: the history first, whose order tells how far
// it has come, then the components, and the record of the host in the end.
func (c *copier) host(ctx context.Context, h *hostCopy) error {
	piece := copyPiece{host: &h.host}
	if h.state == copyOther {
		piece.replaces, h.changes = true, 0
		c.done.Replaced++
	}
	c.batch.pieces = append(c.batch.pieces, piece)
	if err := c.changes(ctx, h); err != nil {
		return err
	}
	for _, all := range []iter.Seq2[inventory.Component, error]{
		c.from.Components(ctx, h.host.Name), c.from.Removed(ctx, h.host.Name),
	} {
		if err := c.components(ctx, h, all); err != nil {
			return err
		}
	}
	c.current(h).last = true
	c.done.Hosts++
	return c.added(ctx, nil)
}

// current returns the piece that a host has in the batch.
func (c *copier) current(h *hostCopy) *copyPiece {
	if n := len(c.batch.pieces); n > 0 && c.batch.pieces[n-1].host == &h.host {
		return &c.batch.pieces[n-1]
	}
	c.batch.pieces = append(c.batch.pieces, copyPiece{host: &h.host})
	return &c.batch.pieces[len(c.batch.pieces)-1]
}

// changes copies the history but for what the target has.
func (c *copier) changes(ctx context.Context, h *hostCopy) error {
	there := h.changes
	for change, err := range c.from.History(ctx, h.host.Name, "") {
		if err != nil {
			return err
		}
		c.progress()
		if there > 0 {
			there--
			continue
		}
		d := &c.current(h).delta
		d.Changes = append(d.Changes, change)
		if err := c.added(ctx, encodeChange(&change)); err != nil {
			return err
		}
	}
	return nil
}

// components copies components: those that the target has are the same.
func (c *copier) components(ctx context.Context, h *hostCopy, all iter.Seq2[inventory.Component, error]) error {
	for component, err := range all {
		if err != nil {
			return err
		}
		c.progress()
		d := &c.current(h).delta
		d.Upserts = append(d.Upserts, component)
		if err := c.added(ctx, encodeComponent(&component)); err != nil {
			return err
		}
	}
	return nil
}

// added notes that a record is in the batch, which is written when it is full.
func (c *copier) added(ctx context.Context, record []byte) error {
	c.batch.records++
	c.batch.bytes += len(record)
	if c.batch.records < copyRecords && c.batch.bytes < copyBytes {
		return nil
	}
	return c.write(ctx)
}

// write writes the batch, and begins the next.
func (c *copier) write(ctx context.Context) error {
	if len(c.batch.pieces) == 0 {
		return nil
	}
	err := c.to.Update(ctx, func(tx InventoryTx) error {
		if err := tx.SetCursor(UnfinishedCopy, 0); err != nil {
			return err
		}
		for i := range c.batch.pieces {
			if err := c.batch.pieces[i].write(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range c.batch.pieces {
		c.done.Components += len(c.batch.pieces[i].delta.Upserts)
		c.done.Changes += len(c.batch.pieces[i].delta.Changes)
	}
	c.batch = copyBatch{}
	return nil
}

func (p *copyPiece) write(tx InventoryTx) error {
	if p.replaces {
		if err := tx.Forget(p.host.Name); err != nil {
			return err
		}
	}
	_, err := tx.Apply(p.host.Name, func(inventory.View) inventory.Delta { return p.delta })
	if err != nil || !p.last {
		return err
	}
	return tx.PutHost(*p.host)
}

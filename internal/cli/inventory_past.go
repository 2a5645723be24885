package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// addAtFlag lets a command show the inventory as it was.
func (f *inventoryFlags) addAtFlag(cmd *cobra.Command) {
	addMomentFlag(cmd, &f.at, "at", "show what was known at this `time`: \"2026-11-20 08:00\", RFC 3339, or how long ago, 2h or 7d")
}

// pastReader reads the components as they were at a time.
type pastReader struct {
	inventoryReader
	env *Env
	at  time.Time
}

// Components returns what the history leads to.
func (r pastReader) Components(ctx context.Context, host string) ([]web.Component, error) {
	past, err := r.Past(ctx, host, r.at)
	r.noteCondensed(past.Condensed)
	return past.Components, err
}

// Find returns what the history leads to.
func (r pastReader) Find(ctx context.Context, q inventory.Query) componentSeq {
	return func(yield func(web.Component, error) bool) {
		past, err := r.FindPast(ctx, q, r.at)
		r.noteCondensed(past.Condensed)
		for n := range past.Components {
			if !yield(past.Components[n], nil) {
				return
			}
		}
		if err != nil {
			yield(web.Component{}, err)
		}
	}
}

func (r pastReader) noteCondensed(count int) {
	if count > 0 {
		note(r.env.Stderr, fmt.Sprintf("note: of %d components not all changes from that time are kept; they are shown as they had been before", count))
	}
}

// Component returns a component that was there.
func (r pastReader) Component(ctx context.Context, host, id string) (web.Component, error) {
	past, err := r.Past(ctx, host, r.at)
	if err != nil {
		return web.Component{}, err
	}
	for n := range past.Components {
		if past.Components[n].ID == id {
			return past.Components[n], nil
		}
	}
	return web.Component{}, web.ErrNotFound
}

package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

// of returns the components of a host, or of all when host is "".
func (r pastReader) of(ctx context.Context, host string) (web.Past, error) {
	if host == "" {
		return r.Past(ctx, inventory.Query{}, r.at)
	}
	past, err := r.Past(ctx, inventory.Query{Hosts: []inventory.Pattern{inventory.Pattern(host)}}, r.at)
	past.Components = slices.DeleteFunc(past.Components, func(c web.Component) bool { return !strings.EqualFold(c.Host, host) })
	return past, err
}

// Components returns what the history leads to.
func (r pastReader) Components(ctx context.Context, host string) ([]web.Component, error) {
	past, err := r.of(ctx, host)
	r.noteCondensed(past.Condensed)
	if err == nil && len(past.Components) == 0 {
		err = r.noteBegin(ctx, func(name string) bool { return host == "" || host == name })
	}
	return past.Components, err
}

// Find returns what the history leads to.
func (r pastReader) Find(ctx context.Context, q inventory.Query) componentSeq {
	return func(yield func(web.Component, error) bool) {
		past, err := r.Past(ctx, q, r.at)
		r.noteCondensed(past.Condensed)
		for n := range past.Components {
			if !yield(past.Components[n], nil) {
				return
			}
		}
		if err == nil && len(past.Components) == 0 {
			err = r.noteBegin(ctx, func(name string) bool {
				return len(q.Hosts) == 0 || slices.ContainsFunc(q.Hosts, func(p inventory.Pattern) bool { return p.Match(name) })
			})
		}
		if err != nil {
			yield(web.Component{}, err)
		}
	}
}

// noteBegin tells which hosts, of those that are asked for, nothing was known of yet.
func (r pastReader) noteBegin(ctx context.Context, asked func(name string) bool) error {
	hosts, err := r.Hosts(ctx)
	if err != nil {
		return err
	}
	for n := range hosts {
		name := hosts[n].Name
		if !asked(name) {
			continue
		}
		begin, err := knownSince(ctx, r.inventoryReader, name)
		switch {
		case err != nil:
			return err
		case begin.IsZero():
			note(r.env.Stderr, fmt.Sprintf("note: nothing is known of host %s yet", name))
		case r.at.Before(begin):
			note(r.env.Stderr, fmt.Sprintf("note: host %s is known since %s", name, showTime(begin)))
		}
	}
	return nil
}

// knownSince returns when something of a host was known for the first time, zero for never.
func knownSince(ctx context.Context, reader inventoryReader, host string) (begin time.Time, err error) {
	earlier := func(t time.Time) {
		if !t.IsZero() && (begin.IsZero() || t.Before(begin)) {
			begin = t
		}
	}
	components, err := reader.Components(ctx, host)
	if err != nil {
		return begin, err
	}
	for n := range components {
		earlier(components[n].FirstSeen)
	}
	changes, err := reader.Changes(ctx, web.ChangeFilter{Host: host})
	for n := range changes {
		earlier(changes[n].Known)
	}
	return begin, err
}

func (r pastReader) noteCondensed(count int) {
	if count > 0 {
		note(r.env.Stderr, fmt.Sprintf("note: of %d components not all changes from that time are kept; they are shown as they had been before", count))
	}
}

// Component returns a component that was there.
func (r pastReader) Component(ctx context.Context, host, id string) (web.Component, error) {
	past, err := r.of(ctx, host)
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

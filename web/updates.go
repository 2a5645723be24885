package web

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/inventory"
)

// Update tells that a component was written to the inventory: it came, went, changed, was read
// again, or an alert about it came.
type Update struct {
	// Cursor is the place behind the update, for who wants to go on there.
	Cursor string `json:"cursor"`
	// Missed says that updates before this one are passed over, how many is not known: who keeps what the inventory
	// has must read it again.
	Missed bool `json:"missed,omitempty"`

	// Of which component it tells. There is none, and no Change, in an update that only says
	// where it stands, as the first one does. One with a host and no ID tells that all of the
	// host was forgotten.
	Host      string `json:"host,omitempty"`
	ID        string `json:"id,omitempty"`
	Component string `json:"component,omitempty"` // its kind, "" of what was forgotten

	// Change is what is in the history of it. There is none where the history keeps nothing,
	// as of another reading of a sensor that stays well.
	Change *Change `json:"change,omitempty"`
}

// WrittenUpdate is an update as a source has it.
type WrittenUpdate struct {
	Cursor   string // the place behind it
	Host, ID string
	Kind     inventory.Kind
	Change   *inventory.Change // nil: see Update
}

// Updates is what the API reads updates from, in the order in which they were written. It keeps
// the latest, as many as it wants to.
type Updates interface {
	// Seek returns the place to go on from for somebody who has come to a cursor, "" being now.
	// That is the cursor, unless updates behind it are not known any more, or the cursor itself
	// is not: then some are missed, and the place is before all that are known.
	Seek(cursor string) (place string, missed bool)
	// After returns the next updates behind a place; none when there are none, or when they are
	// not known any more.
	After(place string) []WrittenUpdate
	// Wait returns nil as soon as there is an update behind a place, and an error when there
	// will be none or ctx ends.
	Wait(ctx context.Context, place string) error
}

// UpdateFilter says which updates are wanted, by names in any case. The zero UpdateFilter takes all.
type UpdateFilter struct {
	Hosts []string // of these hosts
	Kinds []string // of these kinds of components, and of components that were forgotten
}

func (f *UpdateFilter) takes(u *WrittenUpdate) bool {
	is := func(name string) func(string) bool {
		return func(wanted string) bool { return strings.EqualFold(wanted, name) }
	}
	return (len(f.Hosts) == 0 || slices.ContainsFunc(f.Hosts, is(u.Host))) &&
		(len(f.Kinds) == 0 || u.Kind == "" || slices.ContainsFunc(f.Kinds, is(string(u.Kind))))
}

// newUpdate returns the view of an update.
func newUpdate(u *WrittenUpdate) Update {
	view := Update{Cursor: u.Cursor, Host: u.Host, ID: u.ID, Component: string(u.Kind)}
	if u.Change != nil {
		change := NewChange(u.Change)
		view.Change = &change
	}
	return view
}

// Updates yields what is written to the daemon's inventory behind a cursor, "" being now; with
// follow also what will be, until ctx ends or the daemon stops, which ends the sequence without
// an error. The first one tells of no component: what was read of the inventory before it came may be
// older than what the next ones tell, what is read afterwards is not. The error is ErrNotFound
// where the daemon is of a version without updates.
func (c *Client) Updates(ctx context.Context, cursor string, follow bool, f UpdateFilter) iter.Seq2[Update, error] {
	query := url.Values{"follow": {strconv.FormatBool(follow)}, "host": f.Hosts, "kind": f.Kinds}
	if cursor != "" {
		query.Set("after", cursor)
	}
	return lines[Update](ctx, c, question{method: http.MethodGet, name: "updates", query: query})
}

package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
)

// ChangeFilter says which changes of the history are wanted. The zero ChangeFilter takes all.
type ChangeFilter struct {
	Host, ID     string    // of one host, and of one component of it; "": of all
	Since, Until time.Time // by the time of the change: from one on, and before the other; zero: no limit
	Kinds        []string  // of components, in any case; nil: all
	Changes      []string  // kinds of changes, in any case; nil: all
}

// Check returns an error for kinds of changes that there are not.
func (f *ChangeFilter) Check() error {
	all := inventory.ChangeKinds()
	for _, name := range f.Changes {
		if !slices.ContainsFunc(all, func(k inventory.ChangeKind) bool { return strings.EqualFold(k.String(), name) }) {
			names := make([]string, len(all))
			for n, k := range all {
				names[n] = k.String()
			}
			return fmt.Errorf("%.80q is no kind of changes: choose from %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

func (f *ChangeFilter) takes(c *inventory.Change) bool {
	is := func(name string) func(string) bool {
		return func(wanted string) bool { return strings.EqualFold(wanted, name) }
	}
	switch {
	case !f.Since.IsZero() && c.Time.Before(f.Since), !f.Until.IsZero() && !c.Time.Before(f.Until):
		return false
	case len(f.Kinds) > 0 && !slices.ContainsFunc(f.Kinds, is(string(c.Component))):
		return false
	default:
		return len(f.Changes) == 0 || slices.ContainsFunc(f.Changes, is(c.Kind.String()))
	}
}

// values returns the filter as the parameters of a request.
func (f *ChangeFilter) values() url.Values {
	v := url.Values{"kind": f.Kinds, "change": f.Changes}
	for name, text := range map[string]string{"host": f.Host, "id": f.ID} {
		if text != "" {
			v.Set(name, text)
		}
	}
	for name, t := range map[string]time.Time{"since": f.Since, "until": f.Until} {
		if !t.IsZero() {
			v.Set(name, t.Format(time.RFC3339Nano))
		}
	}
	return v
}

// changeFilter reads what values returns.
func changeFilter(v url.Values) (ChangeFilter, error) {
	f := ChangeFilter{Host: v.Get("host"), ID: v.Get("id"), Kinds: v["kind"], Changes: v["change"]}
	for name, t := range map[string]*time.Time{"since": &f.Since, "until": &f.Until} {
		if text := v.Get(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return f, fmt.Errorf("%s: %.80q is not a time in RFC 3339", name, text)
			}
			*t = at
		}
	}
	return f, f.Check()
}

// Changes returns the changes that a filter takes, oldest first.
func (l Local) Changes(ctx context.Context, f ChangeFilter) ([]Change, error) {
	views := []Change{}
	for c, err := range l.Source.History(ctx, f.Host, f.ID) {
		if err != nil {
			return nil, err
		}
		if f.takes(&c) {
			views = append(views, NewChange(&c))
		}
	}
	// A source has them host by host and in the order they were learnt of.
	slices.SortStableFunc(views, func(a, b Change) int { return a.Time.Compare(b.Time) })
	return views, nil
}

// Changes returns the changes that a filter takes, oldest first.
func (c *Client) Changes(ctx context.Context, f ChangeFilter) ([]Change, error) {
	var r changesReply
	err := c.get(ctx, "history", f.values(), &r)
	return r.Changes, err
}

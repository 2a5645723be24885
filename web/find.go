package web

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
)

// Find yields the components that a query selects, in its order.
func (l Local) Find(ctx context.Context, q inventory.Query) iter.Seq2[Component, error] {
	return views(l.Source.Find(ctx, q))
}

func views(all iter.Seq2[inventory.Component, error]) iter.Seq2[Component, error] {
	return func(yield func(Component, error) bool) {
		for c, err := range all {
			var v Component
			if err == nil {
				v = NewComponent(&c)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// Past returns the components that a query would have selected at a time. It goes
// through the whole history of the hosts that the query names.
func (l Local) Past(ctx context.Context, q inventory.Query, at time.Time) (Past, error) {
	past := Past{Components: []Component{}}
	hosts, err := l.Hosts(ctx)
	if err != nil {
		return past, err
	}
	of := inventory.Query{Hosts: q.Hosts}
	all := func(yield func(inventory.Component, error) bool) {
		for i := range hosts {
			if !of.Match(&inventory.Component{Host: hosts[i].Name}) {
				continue
			}
			then, err := inventory.At(l.Source.History(ctx, hosts[i].Name, ""), at)
			if err != nil {
				yield(inventory.Component{}, err)
				return
			}
			past.Condensed += len(then.Condensed)
			for _, c := range then.Components {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
	for c, err := range views(q.Select(all)) {
		if err != nil {
			return past, err
		}
		past.Components = append(past.Components, c)
	}
	return past, nil
}

// Next returns the After of the query that goes on after a component, as text.
func Next(q *inventory.Query, last *Component) string {
	c := last.Plain()
	return q.Place(&c).String()
}

// Find yields the components that a query selects, in its order, as they arrive.
func (c *Client) Find(ctx context.Context, q inventory.Query) iter.Seq2[Component, error] {
	values := QueryValues(&q)
	values.Set("format", formatLines)
	return lines[Component](ctx, c, question{method: http.MethodGet, name: "components", query: values})
}

// Past returns the components that a query would have selected at a time.
func (c *Client) Past(ctx context.Context, q inventory.Query, at time.Time) (Past, error) {
	var r Past
	values := QueryValues(&q)
	values.Set("at", at.Format(time.RFC3339Nano))
	err := c.get(ctx, "components", values, &r)
	return r, err
}

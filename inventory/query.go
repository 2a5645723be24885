package inventory

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Query selects components that are there. The zero Query selects all of them, by host and
// ID. What is not set restricts nothing; of a list, one has to fit.
type Query struct {
	Hosts   []Pattern
	Kinds   []Kind
	Healths []Health
	AtLeast Health // this level or a worse one
	Vendors []Pattern
	Classes []Pattern // names of classes, not of those above them
	Serials []Pattern
	Parts   []Pattern
	Text    string    // is in name, model, part, serial or firmware, in any case
	Where   Predicate // is met by the properties

	Sort  []Order // by the first, what is equal by the next; at last by host and ID
	Limit int     // how many at most; 0: all
	After *Place  // only what comes after that, see Place; nil: all
}

// Predicate is what the properties of a component have to meet. A *query.Where is one.
//
// One that is also a [PropertyPredicate] spares a search to read all properties.
type Predicate interface {
	Match(i *cim.Instance) bool
	String() string // as it is written
}

// PropertyPredicate is a Predicate that looks at some properties only. Its Match says the same
// of an instance that has only these, and no path, unless the class of the instance is among the
// names. It must not keep the instance, nor any text of it, when it returns: a store lends them
// from its file.
type PropertyPredicate interface {
	Predicate
	Properties() []string // names, in any case and order
}

// Check returns an error when a field has a value that no query can have.
func (q *Query) Check() error {
	for _, h := range append([]Health{q.AtLeast}, q.Healths...) {
		if h > Critical {
			return fmt.Errorf("no health %d: the worst is %d", h, Critical)
		}
	}
	for _, o := range q.Sort {
		if sortKey(o.Key) == nil {
			return noSuch("sort key", o.Key, SortKeys())
		}
	}
	if q.Limit < 0 {
		return fmt.Errorf("the limit is %d: give 1 or more, or 0 for all", q.Limit)
	}
	if q.After != nil && len(q.After.Keys) != len(q.Sort) {
		return errPlace
	}
	return nil
}

var errPlace = errors.New("this is no place to go on from: take it from the answer before, and ask for the same order again")

// Levels returns the levels of health that the query selects.
func (q *Query) Levels() []Health {
	var levels []Health
	for h := q.AtLeast; h <= Critical; h++ {
		if len(q.Healths) == 0 || slices.Contains(q.Healths, h) {
			levels = append(levels, h)
		}
	}
	return levels
}

// Match reports whether a component fits, whatever Sort, Limit and After say.
func (q *Query) Match(c *Component) bool {
	switch {
	case !c.Removed.IsZero(), c.Health < q.AtLeast:
		return false
	case len(q.Healths) > 0 && !slices.Contains(q.Healths, c.Health):
		return false
	case len(q.Kinds) > 0 && !slices.Contains(q.Kinds, c.Kind):
		return false
	default:
		return q.matchTexts(c) && (q.Where == nil || q.Where.Match(c.Instance()))
	}
}

func (q *Query) matchTexts(c *Component) bool {
	return matchAny(q.Hosts, c.Host) && matchAny(q.Vendors, c.Vendor) && matchAny(q.Classes, c.Class) &&
		matchAny(q.Serials, c.Serial) && matchAny(q.Parts, c.Part) && q.matchText(c)
}

func (q *Query) matchText(c *Component) bool {
	if q.Text == "" {
		return true
	}
	text := strings.ToLower(q.Text)
	return containsFolded(c.Name, text) || containsFolded(c.Model, text) || containsFolded(c.Part, text) ||
		containsFolded(c.Serial, text) || containsFolded(c.Firmware, text)
}

// Select returns those of a sequence that the query selects, in its order. Where the query
// has none, that of the sequence is kept. A sorted query holds what it selects in memory, up
// to twice Limit. The sequence ends after the first error.
func (q *Query) Select(all iter.Seq2[Component, error]) iter.Seq2[Component, error] {
	fitting := q.fitting(all)
	if len(q.Sort) == 0 {
		return first(q.Limit, fitting)
	}
	return func(yield func(Component, error) bool) {
		ranking := NewRanking[Component](q)
		for c, err := range fitting {
			if err != nil {
				yield(Component{}, err)
				return
			}
			ranking.Add(q.Place(&c), c)
		}
		for _, c := range ranking.All() {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// fitting returns what matches and comes after the query's place.
func (q *Query) fitting(all iter.Seq2[Component, error]) iter.Seq2[Component, error] {
	return func(yield func(Component, error) bool) {
		if err := q.Check(); err != nil {
			yield(Component{}, err)
			return
		}
		for c, err := range all {
			if err == nil && !(q.Match(&c) && q.after(q.Place(&c))) {
				continue
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// first returns the first of a sequence; 0: all.
func first(limit int, all iter.Seq2[Component, error]) iter.Seq2[Component, error] {
	if limit == 0 {
		return all
	}
	return func(yield func(Component, error) bool) {
		left := limit
		for c, err := range all {
			if left--; !yield(c, err) || left == 0 {
				return
			}
		}
	}
}

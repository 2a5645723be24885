package inventory

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// Order is what components are sorted by: one of SortKeys. Texts are compared in any case,
// health from unknown to critical.
type Order struct {
	Key        string
	Descending bool
}

// String returns the order as a parameter has it: "name", or "-health" when descending.
func (o Order) String() string {
	if o.Descending {
		return "-" + o.Key
	}
	return o.Key
}

// sortKeys are what components may be sorted by, as texts that sort like what they stand for.
var sortKeys = []struct {
	name string
	of   func(*Component) string
}{
	{"host", func(c *Component) string { return c.Host }},
	{"kind", func(c *Component) string { return string(c.Kind) }},
	{"name", func(c *Component) string { return strings.ToLower(c.Name) }},
	{"health", func(c *Component) string { return string('0' + rune(c.Health)) }},
	{"since", func(c *Component) string { return sortTime(c.Since) }},
	{"class", func(c *Component) string { return strings.ToLower(c.Class) }},
	{"slot", func(c *Component) string { return strings.ToLower(c.Slot) }},
	{"vendor", func(c *Component) string { return strings.ToLower(c.Vendor) }},
	{"model", func(c *Component) string { return strings.ToLower(c.Model) }},
	{"part", func(c *Component) string { return strings.ToLower(c.Part) }},
	{"serial", func(c *Component) string { return strings.ToLower(c.Serial) }},
	{"firmware", func(c *Component) string { return strings.ToLower(c.Firmware) }},
	{"id", func(c *Component) string { return c.ID }},
	{"first_seen", func(c *Component) string { return sortTime(c.FirstSeen) }},
	{"last_seen", func(c *Component) string { return sortTime(c.LastSeen) }},
}

func sortTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000") }

// SortKeys returns the names that an Order may have as its Key.
func SortKeys() []string {
	names := make([]string, len(sortKeys))
	for i := range sortKeys {
		names[i] = sortKeys[i].name
	}
	return names
}

// sortKey returns the function of a key, nil when there is none.
func sortKey(name string) func(*Component) string {
	for i := range sortKeys {
		if sortKeys[i].name == name {
			return sortKeys[i].of
		}
	}
	return nil
}

// Place is where a component stands in the order of a Query, by the values that it had when
// it was read. A page after the first begins after that of the last component before it, so
// that what comes and goes meanwhile shifts nothing.
type Place struct {
	Keys []string // for each Order of the Query
	Host string
	ID   string
}

// Place returns where a component stands in the query's order, which must pass Check.
func (q *Query) Place(c *Component) Place {
	p := Place{Host: c.Host, ID: c.ID}
	for _, o := range q.Sort {
		p.Keys = append(p.Keys, sortKey(o.Key)(c))
	}
	return p
}

// Clone returns a copy that shares no text with p.
func (p Place) Clone() Place {
	keys := slices.Clone(p.Keys)
	for i := range keys {
		keys[i] = strings.Clone(keys[i])
	}
	return Place{Keys: keys, Host: strings.Clone(p.Host), ID: strings.Clone(p.ID)}
}

// Compare returns a number below 0 when a comes before b in the query's order, above 0 when
// it comes after it, and 0 when they are one.
func (q *Query) Compare(a, b Place) int {
	for i, o := range q.Sort {
		order := cmp.Compare(a.Keys[i], b.Keys[i])
		if o.Descending {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.ID, b.ID))
}

func (q *Query) after(p Place) bool { return q.After == nil || q.Compare(p, *q.After) > 0 }

// longestPlace bounds the text of a place: some sort keys, which names fill.
const longestPlace = 16 << 10

// String returns the place as a text for URLs, which ParsePlace reads.
func (p Place) String() string {
	var text []byte
	for _, field := range append(slices.Clone(p.Keys), p.Host, p.ID) {
		text = binary.AppendUvarint(text, uint64(len(field)))
		text = append(text, field...)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParsePlace reads what String returned.
func ParsePlace(text string) (Place, error) {
	rest, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(text) > longestPlace {
		return Place{}, errPlace
	}
	var fields []string
	for len(rest) > 0 {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return Place{}, errPlace
		}
		end := n + int(length)
		fields = append(fields, string(rest[n:end]))
		rest = rest[end:]
	}
	if len(fields) < 2 {
		return Place{}, errPlace
	}
	n := len(fields) - 2
	p := Place{Host: fields[n], ID: fields[n+1]}
	if n > 0 {
		p.Keys = fields[:n:n]
	}
	return p, nil
}

// Ranking keeps the first of what is added to it, in the order of a Query.
type Ranking[T any] struct {
	query *Query
	all   []ranked[T]
}

type ranked[T any] struct {
	place Place
	value T
}

// NewRanking returns a ranking of the query's Limit after its After, of everything when
// there is no limit.
func NewRanking[T any](q *Query) *Ranking[T] { return &Ranking[T]{query: q} }

// Add adds what stands at a place.
func (r *Ranking[T]) Add(p Place, value T) {
	if !r.query.after(p) {
		return
	}
	r.all = append(r.all, ranked[T]{p, value})
	if limit := r.query.Limit; limit > 0 && len(r.all) >= 2*limit {
		r.cut(limit)
	}
}

func (r *Ranking[T]) cut(limit int) {
	slices.SortFunc(r.all, func(a, b ranked[T]) int { return r.query.Compare(a.place, b.place) })
	if limit > 0 && len(r.all) > limit {
		clear(r.all[limit:])
		r.all = r.all[:limit]
	}
}

// All returns the first in their order.
func (r *Ranking[T]) All() []T {
	r.cut(r.query.Limit)
	values := make([]T, len(r.all))
	for i := range r.all {
		values[i] = r.all[i].value
	}
	return values
}

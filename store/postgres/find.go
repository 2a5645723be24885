package postgres

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// Find implements store.Inventory. The database picks by host, kind, health and serial number,
// this process by the rest. A query with an order keeps the places of all that it selects in
// memory, or of up to twice its limit.
func (s *Inventory) Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error] {
	if len(q.Sort) == 0 {
		return q.Select(s.candidates(ctx, &q))
	}
	return func(yield func(inventory.Component, error) bool) {
		keys, err := s.rank(ctx, &q)
		if err != nil {
			yield(inventory.Component{}, err)
			return
		}
		for c, err := range s.named(ctx, keys) {
			if err == nil && !q.Match(&c) {
				continue // it has changed since
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// rank returns what a query selects, in its order.
func (s *Inventory) rank(ctx context.Context, q *inventory.Query) ([][2][]byte, error) {
	unsorted, ranking := *q, inventory.NewRanking[[2][]byte](q)
	unsorted.Sort, unsorted.After, unsorted.Limit = nil, nil, 0
	if err := q.Check(); err != nil {
		return nil, err
	}
	for c, err := range unsorted.Select(s.candidates(ctx, &unsorted)) {
		if err != nil {
			return nil, err
		}
		ranking.Add(q.Place(&c), [2][]byte{[]byte(c.Host), []byte(c.ID)})
	}
	return ranking.All(), nil
}

// named returns the components with some keys, in the order of these, as far as they are there.
func (s *Inventory) named(ctx context.Context, keys [][2][]byte) iter.Seq2[inventory.Component, error] {
	return records(store.DecodeComponent, "components", func(after *row) ([]row, error) {
		if after != nil {
			keys = keys[after.number:]
		}
		for len(keys) > 0 {
			next := keys[:min(len(keys), chunkRows)]
			hosts, ids := split(next)
			chunk, err := s.chunk(ctx, `SELECT c.record, c.host_key, c.id_key, k.n
				FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS k(host_key, id_key, n)
				JOIN cimwatch_data.components c USING (host_key, id_key) ORDER BY k.n`, hosts, ids)
			if len(chunk) > 0 || err != nil {
				return chunk, err
			}
			keys = keys[len(next):] // none is there any more
		}
		return nil, nil
	})
}

// candidates returns the components that a query may select, by host and ID.
func (s *Inventory) candidates(ctx context.Context, q *inventory.Query) iter.Seq2[inventory.Component, error] {
	var f *filter
	return records(store.DecodeComponent, "components", func(after *row) (_ []row, err error) {
		if f == nil {
			if f, err = s.filter(ctx, q); err != nil {
				return nil, err
			}
		}
		host, id := []byte{}, []byte{}
		switch {
		case after != nil:
			host, id = after.host, after.id
		case q.After != nil && len(q.Sort) == 0:
			host, id = []byte(q.After.Host), []byte(q.After.ID)
		}
		return s.chunk(ctx, f.sql+" ORDER BY host_key, id_key LIMIT 256", append([]any{host, id}, f.args...)...)
	})
}

// A filter is what the database picks by.
type filter struct {
	sql  string
	args []any // from the third on
}

func (f *filter) only(column string, values any) {
	f.args = append(f.args, values)
	f.sql += fmt.Sprintf(" AND %s = ANY($%d)", column, 2+len(f.args))
}

// filter returns what the database can pick a query's components by: these and some others.
func (s *Inventory) filter(ctx context.Context, q *inventory.Query) (*filter, error) {
	f := &filter{sql: "SELECT record, host_key, id_key, 0::bigint FROM cimwatch_data.components WHERE NOT is_removed AND (host_key, id_key) > ($1, $2)"}
	if len(q.Hosts) > 0 {
		hosts, err := s.hostsLike(ctx, q.Hosts)
		if err != nil {
			return nil, err
		}
		f.only("host_key", hosts)
	}
	if len(q.Kinds) > 0 {
		f.only("kind", texts(q.Kinds, func(k inventory.Kind) string { return text(string(k)) }))
	}
	if levels := q.Levels(); len(levels) <= int(inventory.Critical) {
		f.only("health", texts(levels, inventory.Health.String))
	}
	if serials, ok := literals(q.Serials); ok {
		f.only("cimwatch_data.folded(serial)", serials)
	}
	return f, nil
}

// hostsLike returns the keys of the hosts that fit a pattern.
func (s *Inventory) hostsLike(ctx context.Context, patterns []inventory.Pattern) ([][]byte, error) {
	fitting := [][]byte{}
	err := s.query(ctx, func(rows pgx.Rows) error {
		var name []byte
		_, err := pgx.ForEachRow(rows, []any{&name}, func() error {
			if slices.ContainsFunc(patterns, func(p inventory.Pattern) bool { return p.Match(string(name)) }) {
				fitting = append(fitting, slices.Clone(name))
			}
			return nil
		})
		return err
	}, "SELECT host_key FROM cimwatch_data.hosts")
	return fitting, err
}

// literals returns what patterns stand for that each stand for one text, of printable ASCII: of
// others the database has its own notion of lower case.
func literals(patterns []inventory.Pattern) (list []string, ok bool) {
	for _, p := range patterns {
		value, whole := p.Literal()
		if !whole || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, false
		}
		list = append(list, value)
	}
	return list, len(list) > 0
}

func texts[T any](values []T, of func(T) string) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = of(v)
	}
	return list
}

// Summary implements store.Inventory.
func (s *Inventory) Summary(ctx context.Context, host string) (summary inventory.Summary, err error) {
	err = s.query(ctx, func(rows pgx.Rows) error {
		var kind, health string
		var count int
		_, err := pgx.ForEachRow(rows, []any{&kind, &health, &count}, func() error {
			summary.Add(inventory.Kind(kind), inventory.ParseHealth(health), count)
			return nil
		})
		return err
	}, "SELECT kind, health, count(*) FROM cimwatch_data.components WHERE host_key = $1 AND NOT is_removed GROUP BY kind, health", []byte(host))
	if err != nil {
		return nil, fmt.Errorf("read summary of %s: %w", host, err)
	}
	return summary, nil
}

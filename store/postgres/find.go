package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// Find implements store.Inventory. The database picks by kind and health, this process by
// the rest.
func (s *Inventory) Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error] {
	return q.Select(s.candidates(ctx, &q))
}

// candidates returns the components that a query may select, by host and ID.
func (s *Inventory) candidates(ctx context.Context, q *inventory.Query) iter.Seq2[inventory.Component, error] {
	sql := "SELECT record, host_key, id_key, 0::bigint FROM cimwatch_data.components WHERE NOT is_removed AND (host_key, id_key) > ($1, $2)"
	var more []any
	only := func(column string, values []string) {
		more = append(more, values)
		sql += fmt.Sprintf(" AND %s = ANY($%d)", column, 2+len(more))
	}
	if len(q.Kinds) > 0 {
		only("kind", texts(q.Kinds, func(k inventory.Kind) string { return text(string(k)) }))
	}
	if levels := q.Levels(); len(levels) <= int(inventory.Critical) {
		only("health", texts(levels, inventory.Health.String))
	}
	sql += " ORDER BY host_key, id_key LIMIT 256"
	return records(store.DecodeComponent, "components", func(after *row) ([]row, error) {
		host, id := []byte{}, []byte{}
		switch {
		case after != nil:
			host, id = after.host, after.id
		case q.After != nil && len(q.Sort) == 0:
			host, id = []byte(q.After.Host), []byte(q.After.ID)
		}
		return s.chunk(ctx, sql, append([]any{host, id}, more...)...)
	})
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

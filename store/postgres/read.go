package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// What one query reads at most, so that a slow reader keeps no connection.
const (
	chunkRows  = 256
	chunkBytes = 4 << 20
)

// query runs a query and hands its rows to a function.
func (s *Inventory) query(ctx context.Context, read func(pgx.Rows) error, sql string, args ...any) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	ctx, release := s.until(ctx)
	defer release()
	rows, err := s.pool.Query(ctx, sql, args...)
	if err == nil {
		defer rows.Close()
		err = read(rows)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, s.closedBy(err))
	}
	return nil
}

// Hosts implements store.Inventory.
func (s *Inventory) Hosts(ctx context.Context) ([]inventory.Host, error) {
	var hosts []inventory.Host
	err := s.query(ctx, func(rows pgx.Rows) error {
		var record []byte
		_, err := pgx.ForEachRow(rows, []any{&record}, func() error {
			h, err := store.DecodeHost(record)
			hosts = append(hosts, h)
			return err
		})
		return err
	}, "SELECT record FROM cimwatch_data.hosts ORDER BY host_key")
	if err != nil {
		return nil, fmt.Errorf("read hosts: %w", err)
	}
	return hosts, nil
}

// Component implements store.Inventory.
func (s *Inventory) Component(ctx context.Context, host, id string) (inventory.Component, error) {
	var c inventory.Component
	err := s.query(ctx, func(rows pgx.Rows) error {
		record, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
		if errors.Is(err, pgx.ErrNoRows) {
			return store.ErrNotFound
		}
		if err == nil {
			c, err = store.DecodeComponent(record)
		}
		return err
	}, "SELECT record FROM cimwatch_data.components WHERE host_key = $1 AND id_key = $2", []byte(host), []byte(id))
	if err != nil {
		return inventory.Component{}, fmt.Errorf("read component %s of %s: %w", id, host, err)
	}
	return c, nil
}

// Components implements store.Inventory.
func (s *Inventory) Components(ctx context.Context, host string) iter.Seq2[inventory.Component, error] {
	const of = "SELECT record, host_key, id_key, 0::bigint FROM cimwatch_data.components WHERE NOT is_removed AND "
	const order = " ORDER BY host_key, id_key LIMIT 256"
	return records(store.DecodeComponent, "components", func(after *row) (chunk []row, err error) {
		switch {
		case host != "" && after == nil:
			return s.chunk(ctx, of+"host_key = $1"+order, []byte(host))
		case host != "":
			return s.chunk(ctx, of+"host_key = $1 AND id_key > $2"+order, []byte(host), after.id)
		case after == nil:
			return s.chunk(ctx, of+"true"+order)
		default:
			return s.chunk(ctx, of+"(host_key, id_key) > ($1, $2)"+order, after.host, after.id)
		}
	})
}

// Removed implements store.Inventory.
func (s *Inventory) Removed(ctx context.Context, host string) iter.Seq2[inventory.Component, error] {
	return records(store.DecodeComponent, "components", func(after *row) ([]row, error) {
		id := []byte{}
		if after != nil {
			id = after.id
		}
		return s.chunk(ctx, "SELECT record, host_key, id_key, 0::bigint FROM cimwatch_data.components "+
			"WHERE is_removed AND host_key = $1 AND ($2 OR id_key > $3) ORDER BY host_key, id_key LIMIT 256", []byte(host), after == nil, id)
	})
}

// History implements store.Inventory.
func (s *Inventory) History(ctx context.Context, host, id string) iter.Seq2[inventory.Change, error] {
	const of = "SELECT record, host_key, id_key, number FROM cimwatch_data.changes WHERE "
	const order = " ORDER BY host_key, number LIMIT 256"
	return records(store.DecodeChange, "history", func(after *row) (chunk []row, err error) {
		number := int64(0)
		if after != nil {
			number = after.number
		}
		switch {
		case id != "":
			return s.chunk(ctx, of+"host_key = $1 AND id_key = $2 AND number > $3"+order, []byte(host), []byte(id), number)
		case host != "":
			return s.chunk(ctx, of+"host_key = $1 AND number > $2"+order, []byte(host), number)
		case after == nil:
			return s.chunk(ctx, of+"true"+order)
		default:
			return s.chunk(ctx, of+"(host_key, number) > ($1, $2)"+order, after.host, number)
		}
	})
}

// A row is a record and where it stands.
type row struct {
	record, host, id []byte
	number           int64
}

// chunk runs a query for some rows.
func (s *Inventory) chunk(ctx context.Context, sql string, args ...any) ([]row, error) {
	var chunk []row
	err := s.query(ctx, func(rows pgx.Rows) error {
		bytes := 0
		for rows.Next() && bytes < chunkBytes {
			var r row
			if err := rows.Scan(&r.record, &r.host, &r.id, &r.number); err != nil {
				return err
			}
			chunk = append(chunk, r)
			bytes += len(r.record)
		}
		rows.Close()
		return rows.Err()
	}, sql, args...)
	return chunk, err
}

// records decodes chunk after chunk.
func records[T any](decode func([]byte) (T, error), what string, next func(after *row) ([]row, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var after *row
		for {
			chunk, err := next(after)
			if err != nil {
				var none T
				yield(none, fmt.Errorf("read %s: %w", what, err))
				return
			}
			for i := range chunk {
				v, err := decode(chunk[i].record)
				if !yield(v, err) || err != nil {
					return
				}
			}
			if len(chunk) == 0 {
				return
			}
			after = &chunk[len(chunk)-1]
		}
	}
}

// Journal returns which journal the inventory was taken in from, nil when it was from none.
func (s *Inventory) Journal(ctx context.Context) (store.Lineage, error) {
	var journal store.Lineage
	err := s.query(ctx, func(rows pgx.Rows) error {
		b, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
		if err == nil {
			journal, err = store.ParseLineage(b)
		}
		return err
	}, "SELECT journal FROM cimwatch_data.state")
	if err != nil {
		return nil, fmt.Errorf("read which journal it is of: %w", err)
	}
	return journal, nil
}

// Cursor implements store.Inventory.
func (s *Inventory) Cursor(ctx context.Context, consumer string) (uint64, error) {
	all, err := s.Cursors(ctx)
	return all[consumer], err
}

// Cursors implements store.Inventory.
func (s *Inventory) Cursors(ctx context.Context) (all map[string]uint64, err error) {
	err = s.query(ctx, func(rows pgx.Rows) error {
		all, err = collectCursors(rows)
		return err
	}, "SELECT consumer_key, number FROM cimwatch_data.cursors")
	if err != nil {
		return nil, fmt.Errorf("read cursors: %w", err)
	}
	return all, nil
}

func collectCursors(rows pgx.Rows) (map[string]uint64, error) {
	all := map[string]uint64{}
	var name []byte
	var number int64
	_, err := pgx.ForEachRow(rows, []any{&name, &number}, func() error {
		all[string(slices.Clone(name))] = uint64(max(number, 0))
		return nil
	})
	return all, err
}

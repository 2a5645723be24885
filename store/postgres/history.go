package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// What Condense reads at once.
const (
	condenseComponents = 1000 // that may have too many changes
	condenseChanges    = 4096 // of one component
)

// Condense drops changes of the history that are too many or too old, with a short transaction
// for each component, and returns how many. It reads through the whole table: once in some
// hours is enough. It may run while others read and update.
func (s *Inventory) Condense(ctx context.Context, r inventory.Retention, now time.Time) (dropped int, err error) {
	if s.options.ReadOnly {
		return 0, store.ErrReadOnly
	}
	if r == (inventory.Retention{}) {
		return 0, nil
	}
	var after row
	for {
		due, err := s.due(ctx, r, now, &after)
		if err != nil {
			return dropped, fmt.Errorf("condense history: %w", err)
		}
		if len(due) == 0 {
			return dropped, nil
		}
		for n := range due {
			done, err := s.condenseOne(ctx, &due[n], r, now)
			dropped += done
			if err != nil {
				return dropped, fmt.Errorf("condense history: %w", err)
			}
		}
		after = due[len(due)-1]
	}
}

// due returns the next components that may have changes to drop; number is how many they have.
func (s *Inventory) due(ctx context.Context, r inventory.Retention, now time.Time, after *row) (due []row, err error) {
	most := int64(r.Changes)
	if r.Changes <= 0 {
		most = 1 << 62
	}
	var old *time.Time // no change is older than none
	if r.Age > 0 {
		cutoff := now.Add(-r.Age)
		old = &cutoff
	}
	err = s.query(ctx, func(rows pgx.Rows) error {
		due, err = pgx.CollectRows(rows, func(found pgx.CollectableRow) (one row, err error) {
			err = found.Scan(&one.host, &one.id, &one.number)
			return one, err
		})
		return err
	}, `SELECT host_key, id_key, count(*) FROM cimwatch_data.changes WHERE (host_key, id_key) > ($1, $2)
		GROUP BY host_key, id_key HAVING count(*) > 1 AND (count(*) - 1 > $3 OR min(known) < $4)
		ORDER BY host_key, id_key LIMIT $5`, orEmpty(after.host), orEmpty(after.id), most, old, condenseComponents)
	return due, err
}

// orEmpty is for the start: NULL is neither before nor behind anything.
func orEmpty(key []byte) []byte {
	if key == nil {
		return []byte{}
	}
	return key
}

// condenseOne drops what is too much of one component. Nobody else changes or drops what is there.
func (s *Inventory) condenseOne(ctx context.Context, of *row, r inventory.Retention, now time.Time) (int, error) {
	var changes []inventory.Change
	var numbers []int64
	err := s.query(ctx, func(rows pgx.Rows) error {
		var record []byte
		var number int64
		_, err := pgx.ForEachRow(rows, []any{&record, &number}, func() error {
			c, err := store.DecodeChange(record)
			changes, numbers = append(changes, c), append(numbers, number)
			return err
		})
		return err
	}, "SELECT record, number FROM cimwatch_data.changes WHERE host_key = $1 AND id_key = $2 ORDER BY number LIMIT $3",
		of.host, of.id, condenseChanges)
	if err != nil {
		return 0, err
	}
	done := r.Condense(changes, max(int(of.number)-len(changes), 0), now)
	if done == nil {
		return 0, nil
	}
	drop := make([]int64, 0, len(done.Drop)+1)
	for _, n := range done.Drop {
		drop = append(drop, numbers[n])
	}
	var with []changeRow
	if done.At >= 0 {
		drop = append(drop, numbers[done.At])
		with = []changeRow{{string(of.host), &done.With, numbers[done.At]}}
	}
	return len(done.Drop), s.replaceChanges(ctx, of.host, drop, with)
}

// replaceChanges drops changes of a host and puts others in their place, in one transaction.
func (s *Inventory) replaceChanges(ctx context.Context, host []byte, drop []int64, with []changeRow) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM cimwatch_data.changes WHERE host_key = $1 AND number = ANY($2)", host, drop)
		if err == nil && len(with) > 0 {
			_, err = tx.Exec(ctx, s.statements.changes, arguments(s.statements.changeColumns, with)...)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// What one Condense looks at and does at most, but for a component that has more by itself.
const (
	sweepRows    = 1 << 16 // of the index of changes that are looked at
	sweepDrops   = 1 << 14 // changes that are dropped
	sweepChanges = 1 << 12 // of one component that are read and dropped at once
)

// Condense drops changes that are too many or too old, as a file does on its own, and returns how
// many. It looks at the next components and goes on there the next time, so call it again and
// again, by one goroutine. Updates wait for no more than what is dropped of one component.
func (s *Inventory) Condense(ctx context.Context, r inventory.Retention, now time.Time) (dropped uint64, err error) {
	if r == (inventory.Retention{}) {
		return 0, nil
	}
	due, next, err := s.findDue(ctx, r)
	for n := range due {
		if err != nil || dropped >= sweepDrops {
			break
		}
		var count uint64
		if count, err = s.condenseOne(ctx, &due[n], r, now); err == nil {
			s.swept = &due[n]
		}
		dropped += count
	}
	if err != nil {
		return dropped, fmt.Errorf("condense history: %w", err)
	}
	if dropped < sweepDrops {
		s.swept = next
	}
	return dropped, nil
}

// findDue returns the components that may have changes to drop, and the place in the index of
// changes where the next sweep begins: nil for its beginning.
func (s *Inventory) findDue(ctx context.Context, r inventory.Retention) (due []row, next *row, err error) {
	after := &row{host: []byte{}, id: []byte{}}
	if s.swept != nil {
		after = s.swept
	}
	all, err := s.chunk(ctx, `SELECT NULL::bytea, host_key, id_key, count(*) FROM (
			SELECT host_key, id_key FROM cimwatch_data.changes WHERE (host_key, id_key) > ($1, $2)
			ORDER BY host_key, id_key, number LIMIT $3) AS next
		GROUP BY host_key, id_key ORDER BY host_key, id_key`, after.host, after.id, sweepRows)
	if err != nil {
		return nil, nil, err
	}
	looked := int64(0)
	for n := range all {
		looked += all[n].number
		if count := all[n].number - 1; count > 0 && (r.Age > 0 || count > int64(r.Changes)) {
			due = append(due, all[n])
		}
	}
	if looked == sweepRows { // the last one may have more: it is the first the next time, if it was not now
		next = &all[max(len(all)-2, 0)]
	}
	return due, next, nil
}

// condenseOne drops what is too much of one component.
func (s *Inventory) condenseOne(ctx context.Context, of *row, r inventory.Retention, now time.Time) (uint64, error) {
	rows, err := s.changesOf(ctx, of)
	if err != nil {
		return 0, err
	}
	var changes []inventory.Change
	for n := range rows[:min(len(rows), sweepChanges)] {
		c, err := store.DecodeChange(rows[n].record)
		if err != nil {
			return 0, fmt.Errorf("change %d: %w", rows[n].number, err)
		}
		changes = append(changes, c)
	}
	done := r.Condense(changes, len(rows)-len(changes), now)
	if done == nil {
		return 0, nil
	}
	var numbers []int64
	for _, n := range done.Drop {
		numbers = append(numbers, rows[n].number)
	}
	batch := &pgx.Batch{}
	var with []changeRow
	if done.At >= 0 {
		numbers = append(numbers, rows[done.At].number)
		with = []changeRow{{host: string(of.host), change: &done.With, number: rows[done.At].number}}
	}
	batch.Queue("DELETE FROM cimwatch_data.changes WHERE host_key = $1 AND number = ANY($2)", of.host, numbers)
	if with != nil {
		batch.Queue(s.statements.changes, arguments(s.statements.changeColumns, with)...)
	}
	written, err := s.writeOf(ctx, of, rows[0].number, batch)
	if err != nil || !written {
		return 0, err
	}
	return uint64(len(done.Drop)), nil
}

// changesOf returns the numbers of a component's changes, and the records of the first.
func (s *Inventory) changesOf(ctx context.Context, of *row) ([]row, error) {
	var all []row
	err := s.query(ctx, func(rows pgx.Rows) error {
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.record, &r.number); err != nil {
				return err
			}
			all = append(all, r)
		}
		return rows.Err()
	}, `SELECT CASE WHEN row_number() OVER (ORDER BY number) <= $3 THEN record END, number FROM cimwatch_data.changes
		WHERE host_key = $1 AND id_key = $2 ORDER BY number`, of.host, of.id, sweepChanges)
	return all, err
}

// writeOf has the writer send a batch about changes of a component when it is its turn, unless the
// first of them is not there any more: then its host was forgotten since they were read.
func (s *Inventory) writeOf(ctx context.Context, of *row, first int64, batch *pgx.Batch) (written bool, err error) {
	ctx, release := s.until(ctx)
	defer release()
	w, leave, err := s.enter(ctx)
	if err != nil {
		return false, s.closedBy(err)
	}
	defer leave()
	err = w.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM cimwatch_data.changes WHERE host_key = $1 AND number = $2)", of.host, first).Scan(&written)
	if err != nil || !written {
		return false, s.closedBy(err)
	}
	return true, s.closedBy(w.send(ctx, batch))
}

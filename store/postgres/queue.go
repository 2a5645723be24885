package postgres

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// queue writes down what the transaction did, in an order that is the same each time.
func (t *transaction) queue(batch *pgx.Batch) {
	s := t.w.s.statements
	t.queueForgotten(batch)
	if len(t.hosts) > 0 {
		var rows []hostRow
		for _, name := range slices.Sorted(maps.Keys(t.hosts)) {
			rows = append(rows, t.hosts[name])
		}
		batch.Queue(s.hosts, arguments(s.hostColumns, rows)...)
	}
	t.queueComponents(batch)
	if len(t.changes) > 0 {
		for i := range t.changes {
			t.changes[i].number = t.w.change + int64(i) + 1
		}
		batch.Queue(s.changes, arguments(s.changeColumns, t.changes)...)
	}
	t.queueCursors(batch)
	if len(t.taken) > 0 {
		rows := slices.SortedFunc(maps.Values(t.taken), func(a, b takenRow) int { return cmp.Compare(a.Entry.Number, b.Entry.Number) })
		batch.Queue(s.index, arguments(s.indexColumns, rows)...)
	}
	if t.dropped > 0 {
		// Of earlier journals goes what was received before that.
		batch.Queue(`WITH dropped AS (
				DELETE FROM cimwatch_data.journal_index WHERE generation = $1 AND number < $2 RETURNING received)
			DELETE FROM cimwatch_data.journal_index WHERE generation < $1 AND received <= (SELECT max(received) FROM dropped)`,
			t.w.generation, int64(t.dropped))
	}
}

// queueComponents writes components, and the conditions of those whose conditions are others.
func (t *transaction) queueComponents(batch *pgx.Batch) {
	var rows []componentRow
	var gone, others [][2][]byte
	var conditions []conditionRow
	for _, k := range slices.SortedFunc(maps.Keys(t.components), compareKeys) {
		c := t.components[k]
		name := [2][]byte{[]byte(k.host), []byte(k.id)}
		if c.alarms {
			others = append(others, name)
		}
		if c.component == nil {
			gone = append(gone, name)
			continue
		}
		rows = append(rows, componentRow{c.component, c.record})
		if c.alarms {
			conditions = appendConditions(conditions, c)
		}
	}
	s := t.w.s.statements
	queueDelete(batch, "components", gone)
	queueDelete(batch, "conditions", others)
	if len(rows) > 0 {
		batch.Queue(s.components, arguments(s.componentColumns, rows)...)
	}
	if len(conditions) > 0 {
		batch.Queue(s.conditions, arguments(s.conditionColumns, conditions)...)
	}
}

func compareKeys(a, b key) int { return cmp.Or(cmp.Compare(a.host, b.host), cmp.Compare(a.id, b.id)) }

func appendConditions(rows []conditionRow, c written) []conditionRow {
	for i := range c.component.Conditions {
		rows = append(rows, conditionRow{c.component, &c.component.Conditions[i], i})
	}
	for i := range c.component.Cleared {
		rows = append(rows, conditionRow{c.component, &c.component.Cleared[i], len(c.component.Conditions) + i})
	}
	return rows
}

// queueDelete deletes what a table has of some components.
func queueDelete(batch *pgx.Batch, table string, keys [][2][]byte) {
	if len(keys) == 0 {
		return
	}
	hosts, ids := split(keys)
	batch.Queue("DELETE FROM cimwatch_data."+table+" t USING unnest($1::bytea[], $2::bytea[]) AS k(host_key, id_key) "+
		"WHERE t.host_key = k.host_key AND t.id_key = k.id_key", hosts, ids)
}

func split(keys [][2][]byte) (hosts, ids [][]byte) {
	for _, k := range keys {
		hosts, ids = append(hosts, k[0]), append(ids, k[1])
	}
	return hosts, ids
}

func (t *transaction) queueCursors(batch *pgx.Batch) {
	if t.newCursors != nil {
		batch.Queue("UPDATE cimwatch_data.state SET journal = $1, generation = $2", t.journal, t.w.generation)
		batch.Queue("DELETE FROM cimwatch_data.cursors")
	}
	var rows []cursorRow
	for _, name := range slices.Sorted(maps.Keys(t.newCursors)) {
		rows = append(rows, cursorRow{name, t.newCursors[name]})
	}
	var deleted [][]byte
	for _, name := range slices.Sorted(maps.Keys(t.cursors)) {
		if number := t.cursors[name]; number != nil {
			rows = append(rows, cursorRow{name, *number})
		} else {
			deleted = append(deleted, []byte(name))
		}
	}
	s := t.w.s.statements
	if len(deleted) > 0 {
		batch.Queue("DELETE FROM cimwatch_data.cursors WHERE consumer_key = ANY($1)", deleted)
	}
	if len(rows) > 0 {
		batch.Queue(s.cursors, arguments(s.cursorColumns, rows)...)
	}
}

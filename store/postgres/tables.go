package postgres

import (
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

func itoa(n int) string { return strconv.Itoa(n) }

// The rows of the tables.
type (
	hostRow struct {
		host   inventory.Host
		record []byte
	}
	componentRow struct {
		component *inventory.Component
		record    []byte
	}
	conditionRow struct {
		component *inventory.Component
		condition *inventory.Condition
		place     int
	}
	changeRow struct {
		host   string // whose inventory was brought up to date
		change *inventory.Change
		number int64
	}
	cursorRow struct {
		consumer string
		number   uint64
	}
	takenRow struct {
		store.Taken
		generation int
	}
)

// statements are those that write, made once.
type statements struct {
	hosts, components, conditions, changes, cursors, index string

	hostColumns      []column[hostRow]
	componentColumns []column[componentRow]
	conditionColumns []column[conditionRow]
	changeColumns    []column[changeRow]
	cursorColumns    []column[cursorRow]
	indexColumns     []column[takenRow]
}

func newStatements() *statements {
	s := &statements{
		hostColumns: hostColumns(), componentColumns: componentColumns(), conditionColumns: conditionColumns(),
		changeColumns: changeColumns(), cursorColumns: cursorColumns(), indexColumns: indexColumns(),
	}
	s.hosts = insertion("hosts", s.hostColumns, upsert(s.hostColumns, "host_key"))
	s.components = insertion("components", s.componentColumns, upsert(s.componentColumns, "host_key", "id_key"))
	s.conditions = insertion("conditions", s.conditionColumns, "")
	s.changes = insertion("changes", s.changeColumns, "")
	s.cursors = insertion("cursors", s.cursorColumns, upsert(s.cursorColumns, "consumer_key"))
	s.index = insertion("journal_index", s.indexColumns, upsert(s.indexColumns, "generation", "number"))
	return s
}

func hostColumns() []column[hostRow] {
	return []column[hostRow]{
		bytesOf("host_key", func(r *hostRow) []byte { return []byte(r.host.Name) }),
		textOf("name", func(r *hostRow) string { return r.host.Name }),
		textOf("url", func(r *hostRow) string { return r.host.URL }),
		textOf("interop", func(r *hostRow) string { return r.host.Interop }),
		textOf("subscription", func(r *hostRow) string { return r.host.Subscription }),
		textOf("error", func(r *hostRow) string { return r.host.Error }),
		timeOf("first_seen", func(r *hostRow) time.Time { return r.host.FirstSeen }),
		timeOf("last_sync", func(r *hostRow) time.Time { return r.host.LastSync }),
		timeOf("last_indication", func(r *hostRow) time.Time { return r.host.LastIndication }),
		bytesOf("record", func(r *hostRow) []byte { return r.record }),
	}
}

func componentColumns() []column[componentRow] {
	of := func(name string, get func(*inventory.Component) string) column[componentRow] {
		return textOf(name, func(r *componentRow) string { return get(r.component) })
	}
	at := func(name string, get func(*inventory.Component) time.Time) column[componentRow] {
		return timeOf(name, func(r *componentRow) time.Time { return get(r.component) })
	}
	return []column[componentRow]{
		bytesOf("host_key", func(r *componentRow) []byte { return []byte(r.component.Host) }),
		bytesOf("id_key", func(r *componentRow) []byte { return []byte(r.component.ID) }),
		of("host", func(c *inventory.Component) string { return c.Host }),
		of("id", func(c *inventory.Component) string { return c.ID }),
		of("class", func(c *inventory.Component) string { return c.Class }),
		of("kind", func(c *inventory.Component) string { return string(c.Kind) }),
		of("name", func(c *inventory.Component) string { return c.Name }),
		of("slot", func(c *inventory.Component) string { return c.Slot }),
		of("vendor", func(c *inventory.Component) string { return c.Vendor }),
		of("model", func(c *inventory.Component) string { return c.Model }),
		of("part", func(c *inventory.Component) string { return c.Part }),
		of("serial", func(c *inventory.Component) string { return c.Serial }),
		of("firmware", func(c *inventory.Component) string { return c.Firmware }),
		of("health", func(c *inventory.Component) string { return c.Health.String() }),
		of("reason", func(c *inventory.Component) string { return c.Reason }),
		at("since", func(c *inventory.Component) time.Time { return c.Since }),
		at("first_seen", func(c *inventory.Component) time.Time { return c.FirstSeen }),
		at("last_seen", func(c *inventory.Component) time.Time { return c.LastSeen }),
		at("removed", func(c *inventory.Component) time.Time { return c.Removed }),
		boolOf("is_removed", func(r *componentRow) bool { return !r.component.Removed.IsZero() }),
		at("read", func(c *inventory.Component) time.Time { return c.Read }),
		columnOf("reading", "double precision", func(r *componentRow) *float64 {
			if reading, ok := r.component.Reading(); ok {
				return &reading.Value
			}
			return nil
		}),
		orNull("unit", func(r *componentRow) string { reading, _ := r.component.Reading(); return reading.Unit }),
		jsonOf("properties", func(r *componentRow) *string { return jsonText(r.component.Properties) }),
		jsonOf("relations", func(r *componentRow) *string {
			if r.component.Relations == nil {
				return new("[]")
			}
			return jsonText(r.component.Relations)
		}),
		bytesOf("record", func(r *componentRow) []byte { return r.record }),
	}
}

func conditionColumns() []column[conditionRow] {
	of := func(name string, get func(*inventory.Condition) string) column[conditionRow] {
		return textOf(name, func(r *conditionRow) string { return get(r.condition) })
	}
	at := func(name string, get func(*inventory.Condition) time.Time) column[conditionRow] {
		return timeOf(name, func(r *conditionRow) time.Time { return get(r.condition) })
	}
	return []column[conditionRow]{
		bytesOf("host_key", func(r *conditionRow) []byte { return []byte(r.component.Host) }),
		bytesOf("id_key", func(r *conditionRow) []byte { return []byte(r.component.ID) }),
		columnOf("place", "integer", func(r *conditionRow) int { return r.place }),
		boolOf("open", func(r *conditionRow) bool { return r.place < len(r.component.Conditions) }),
		of("key", func(c *inventory.Condition) string { return c.Key }),
		of("text", func(c *inventory.Condition) string { return c.Text }),
		of("severity", func(c *inventory.Condition) string { return c.Severity.String() }),
		at("since", func(c *inventory.Condition) time.Time { return c.Since }),
		at("last", func(c *inventory.Condition) time.Time { return c.Last }),
		columnOf("count", "integer", func(r *conditionRow) int { return r.condition.Count }),
		at("ended", func(c *inventory.Condition) time.Time { return c.Ended }),
		of("reason", func(c *inventory.Condition) string { return c.Cause.Reason }),
		of("class", func(c *inventory.Condition) string { return c.Cause.Class }),
		columnOf("entry", "bigint", func(r *conditionRow) *int64 { return whole(r.condition.Cause.Entry) }),
	}
}

func changeColumns() []column[changeRow] {
	of := func(name string, get func(*inventory.Change) string) column[changeRow] {
		return textOf(name, func(r *changeRow) string { return get(r.change) })
	}
	return []column[changeRow]{
		bytesOf("host_key", func(r *changeRow) []byte { return []byte(r.host) }),
		columnOf("number", "bigint", func(r *changeRow) int64 { return r.number }),
		bytesOf("id_key", func(r *changeRow) []byte { return []byte(r.change.ID) }),
		of("host", func(c *inventory.Change) string { return c.Host }),
		of("id", func(c *inventory.Change) string { return c.ID }),
		of("component", func(c *inventory.Change) string { return string(c.Component) }),
		of("name", func(c *inventory.Change) string { return c.Name }),
		timeOf("time", func(r *changeRow) time.Time { return r.change.Time }),
		timeOf("known", func(r *changeRow) time.Time { return r.change.Known }),
		of("kind", func(c *inventory.Change) string { return c.Kind.String() }),
		of("property", func(c *inventory.Change) string { return c.Property }),
		jsonOf("old_value", func(r *changeRow) *string { return jsonValue(r.change.Old) }),
		jsonOf("new_value", func(r *changeRow) *string { return jsonValue(r.change.New) }),
		orNull("severity", func(r *changeRow) string {
			if k := r.change.Kind; k != inventory.ConditionRaised && k != inventory.ConditionCleared {
				return ""
			}
			return r.change.Severity.String()
		}),
		of("health", func(c *inventory.Change) string { return c.Health.String() }),
		of("reason", func(c *inventory.Change) string { return c.Cause.Reason }),
		of("class", func(c *inventory.Change) string { return c.Cause.Class }),
		columnOf("entry", "bigint", func(r *changeRow) *int64 { return whole(r.change.Cause.Entry) }),
		bytesOf("record", func(r *changeRow) []byte { return store.EncodeChange(r.change) }),
	}
}

func cursorColumns() []column[cursorRow] {
	return []column[cursorRow]{
		bytesOf("consumer_key", func(r *cursorRow) []byte { return []byte(r.consumer) }),
		textOf("consumer", func(r *cursorRow) string { return r.consumer }),
		columnOf("number", "bigint", func(r *cursorRow) int64 { return int64(r.number) }),
	}
}

func indexColumns() []column[takenRow] {
	of := func(name string, get func(*store.Entry) string) column[takenRow] {
		return textOf(name, func(r *takenRow) string { return get(r.Entry) })
	}
	about := func(name string, get func(*event.Event) string) column[takenRow] {
		return orNull(name, func(r *takenRow) string {
			if r.Event == nil {
				return ""
			}
			return get(r.Event)
		})
	}
	return []column[takenRow]{
		columnOf("generation", "integer", func(r *takenRow) int { return r.generation }),
		columnOf("number", "bigint", func(r *takenRow) *int64 { return whole(r.Entry.Number) }),
		timeOf("received", func(r *takenRow) time.Time { return r.Entry.Received }),
		of("remote", func(e *store.Entry) string { return e.Remote }),
		of("path", func(e *store.Entry) string { return e.Path }),
		of("host", func(e *store.Entry) string { return e.Host }),
		of("class", func(e *store.Entry) string { return e.Class }),
		orNull("sequence_context", func(r *takenRow) string {
			if r.Entry.Sequence == nil {
				return ""
			}
			return r.Entry.Sequence.Context
		}),
		columnOf("sequence_number", "bigint", func(r *takenRow) *int64 {
			if r.Entry.Sequence == nil {
				return nil
			}
			return &r.Entry.Sequence.Number
		}),
		boolOf("late", func(r *takenRow) bool { return r.Entry.Late }),
		boolOf("decoded", func(r *takenRow) bool { return r.Event != nil }),
		timeOf("time", func(r *takenRow) (at time.Time) {
			if r.Event != nil {
				at = r.Event.Time
			}
			return at
		}),
		about("kind", func(e *event.Event) string { return e.Kind.String() }),
		about("severity", func(e *event.Event) string { return e.Severity.String() }),
		about("action", func(e *event.Event) string { return e.Action.String() }),
		about("condition", func(e *event.Event) string { return e.Condition.Key }),
		about("condition_text", func(e *event.Event) string { return e.Condition.Text }),
		about("element", func(e *event.Event) string {
			if e.Element.IsZero() {
				return ""
			}
			return e.Element.String()
		}),
		about("description", func(e *event.Event) string { return e.Description }),
	}
}

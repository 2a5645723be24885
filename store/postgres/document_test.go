package postgres_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/mof/sqlgen"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

func document(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/postgresql.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// module returns a memory module.
func module(serial string) *cim.Instance {
	i := cim.NewInstance("CIM_PhysicalMemory", cim.Prop("ElementName", cim.String("DIMM_A1")), cim.Prop("Capacity", cim.Uint64(34359738368)),
		cim.Prop("SerialNumber", cim.String(serial)), cim.Prop("FirmwareVersion", cim.String("1.0")), cim.Prop("Odd", cim.String("a\x00\\u0000b")),
		cim.Prop("InstallDate", dateTime("20261120095823.073983+060")), cim.Prop("Largest", cim.Uint64(18446744073709551615)))
	i.Path = cim.InstancePath("root/cimv2", "CIM_PhysicalMemory", cim.Key{Name: "Tag", Value: cim.String("32.6")})
	return i
}

func dateTime(text string) cim.Value {
	d, err := cim.ParseDateTime(text)
	if err != nil {
		panic(err)
	}
	return d.Value()
}

// fill keeps some of everything that a view can show.
func fill(t testing.TB, s *postgres.Inventory) {
	t.Helper()
	resync(t, s, "esx1", fan("1", 2), fan("2", 6), module("36F1A40C"))
	resync(t, s, "esx1", fan("1", 2), fan("2", 6), module("4A07D3E2"))
	if err := take(t.Context(), s, []event.Event{alert(5, "esx1", fan("1", 2))}); err != nil {
		t.Fatal(err)
	}
	err := s.Update(t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply("esx1", func(v inventory.View) inventory.Delta {
			var d inventory.Delta
			for c := range v.Components() {
				if c.Name == "Fan 1" {
					c.Relations = []inventory.Relation{{Kind: inventory.Cools, ID: inventory.HostID}, {Kind: inventory.Cools, ID: "gone"}}
					d.Upserts = append(d.Upserts, c)
				}
			}
			host := inventory.Component{Host: "esx1", ID: inventory.HostID, Kind: inventory.KindHost, Name: "esx1"}
			d.Upserts = append(d.Upserts, host)
			return d
		})
		return errors.Join(err, tx.PutHost(inventory.Host{Name: "esx1", URL: "https://esx1:5989", Subscription: "subscribed", LastSync: start}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDocumentedQueries runs each query of the document on an inventory for which each has an
// answer.
func TestDocumentedQueries(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	fill(t, s)
	defineMemoryView(t, url)
	old := alert(6, "esx1", fan("2", 6))
	old.Time = start.AddDate(-3, 0, 0)
	if err := take(t.Context(), s, []event.Event{old}); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, url)
	defer conn.Close(context.Background())
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(document(t), -1)
	if len(queries) < 10 {
		t.Errorf("%d queries", len(queries))
	}
	for _, q := range queries {
		rows, err := conn.Query(t.Context(), q[1])
		if err != nil {
			t.Errorf("%s: %v", q[1], err)
			continue
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := rows.Err(); err != nil || n == 0 {
			t.Errorf("%d rows, %v of\n%s", n, err, q[1])
		}
	}
}

// defineMemoryView makes the view of a class that the document has.
func defineMemoryView(t testing.TB, url string) {
	t.Helper()
	const source = `Qualifier Key : boolean = false, Scope(property, reference);
		class CIM_PhysicalMemory { [Key] string Tag; string ElementName; uint64 Capacity; datetime InstallDate; };`
	schema, err := mof.CompileFS(fstest.MapFS{"memory.mof": {Data: []byte(source)}}, []string{"memory.mof"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := sqlgen.Generate(schema, []string{"CIM_PhysicalMemory"})
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.Define(t.Context(), url, "", statements); err != nil {
		t.Fatal(err)
	}
}

// TestDocumentedColumns holds the document and the columns of the views equal.
func TestDocumentedColumns(t *testing.T) {
	url := database(t)
	open(t, url, nil)
	conn := pgtest.Connect(t, url)
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
		WHERE table_schema = 'cimwatch' ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]map[string]string{}
	for rows.Next() {
		var view, column, typ string
		if err := rows.Scan(&view, &column, &typ); err != nil {
			t.Fatal(err)
		}
		if there[view] == nil {
			there[view] = map[string]string{}
		}
		there[view][column] = strings.Replace(typ, "timestamp with time zone", "timestamptz", 1)
	}
	if diff := cmp.Diff(there, documentedColumns(t)); diff != "" || rows.Err() != nil {
		t.Errorf("%v (-there +documented):\n%s", rows.Err(), diff)
	}
}

// documentedColumns returns the columns of each view with their types.
func documentedColumns(t testing.TB) map[string]map[string]string {
	t.Helper()
	views := map[string]map[string]string{}
	_, text, _ := strings.Cut(document(t), "\n## Views\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, section := range strings.Split(text, "\n### ")[1:] {
		view, table, _ := strings.Cut(section, "\n")
		views[view] = map[string]string{}
		for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\| (.*?) \\|").FindAllStringSubmatch(table, -1) {
			names := regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[1], -1)
			types := strings.Split(row[2], ", ")
			for i, name := range names {
				views[view][name[1]] = types[min(i, len(types)-1)]
			}
		}
	}
	return views
}

// TestColumns looks at what the views make of values that PostgreSQL has not, and of those it has.
func TestColumns(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	fill(t, s)
	for query, want := range map[string]string{
		"SELECT text FROM cimwatch.properties WHERE property = 'Odd'":                                                                      "a\u2400\\u0000b",
		"SELECT number::text FROM cimwatch.properties WHERE property = 'Largest'":                                                          "18446744073709551615",
		"SELECT cimwatch.time_of(value)::text FROM cimwatch.properties WHERE property = 'InstallDate'":                                     "2026-11-20 08:58:23.073983+00",
		"SELECT serial FROM cimwatch.components WHERE kind = 'memory module'":                                                              "4A07D3E2",
		"SELECT old_text || ' ' || new_text FROM cimwatch.changes WHERE kind = 'replaced'":                                                 "36F1A40C 4A07D3E2",
		"SELECT severity || ' ' || text || ' ' || since FROM cimwatch.alarms":                                                              "critical Fan failed 2026-11-20 08:00:05+00",
		"SELECT kind || ' ' || action || ' ' || condition || ' ' || decoded FROM cimwatch.journal":                                         "alert raise fan failed true",
		"SELECT state || ' ' || components FROM cimwatch.hosts":                                                                            "subscribed 4",
		"SELECT name || ' ' || relation || ' ' || other_name FROM cimwatch.relations":                                                      "Fan 1 cools esx1",
		"SELECT health || ' ' || reason FROM cimwatch.components WHERE name = 'Fan 1'":                                                     "critical Fan failed",
		"SELECT count(*) FILTER (WHERE entry = 5)::text || ' ' || count(*) FROM cimwatch.changes":                                          "2 6",
		"SELECT cimwatch.interval_of('\"00000001010203.500000:000\"')::text":                                                               "1 day 01:02:03.5",
		"SELECT coalesce(cimwatch.time_of('\"20260231000000.000000+000\"')::text, 'none')":                                                 "none",
		"SELECT cimwatch.time_of('\"2026112007****.******-300\"')::text":                                                                   "2026-11-20 12:00:00+00",
		"SELECT concat_ws(' ', cimwatch.number_of('\"1\"'), cimwatch.boolean_of('1'), cimwatch.time_of('1'))":                              "",
		"SELECT concat_ws(' ', cimwatch.integer_of('1e30'), cimwatch.integer_of('7'))":                                                     "7",
		"SELECT concat_ws(' ', cimwatch.real_of('1e400') IS NULL, cimwatch.real_of('-1e400') IS NULL, cimwatch.real_of('1e-400') IS NULL)": "t t t",
		"SELECT concat_ws(' ', cimwatch.real_of('1.7976931348623157e308'), cimwatch.real_of('-5e-324'), cimwatch.real_of('0'))":            "1.7976931348623157e+308 -5e-324 0",
		"SELECT concat_ws(' ', cimwatch.real_of('\"NaN\"'), cimwatch.real_of('\"-INF\"'))":                                                 "NaN -Infinity",
		"SELECT concat_ws(' ', cimwatch.numbers_of('[1,null,\"x\"]'), cimwatch.texts_of('[1,\"a\"]'))":                                     "{1,NULL,NULL} {1,a}",
	} {
		if got := one[string](t, url, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// TestConditionRows has the rows of conditions follow those of the component.
func TestConditionRows(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	count := func() string {
		return one[string](t, url, "SELECT concat_ws(' ', count(*) FILTER (WHERE open), count(*) FILTER (WHERE NOT open), max(count)) FROM cimwatch_data.conditions")
	}
	for n, step := range []struct {
		do   func() error
		want string
	}{
		{func() error {
			return take(t.Context(), s, []event.Event{alert(1, "a", fan("1", 2)), alert(2, "a", fan("1", 2))})
		}, "1 0 2"},
		{func() error { return take(t.Context(), s, []event.Event{alert(3, "a", fan("1", 2))}) }, "1 0 3"},
		{func() error { return take(t.Context(), s, []event.Event{cleared(4, "a", fan("1", 2))}) }, "0 1 3"},
		{func() error {
			return take(t.Context(), s, []event.Event{alert(5, "a", fan("1", 2)), alert(6, "b", fan("1", 2))})
		}, "2 0 1"},
		{func() error {
			return s.Update(t.Context(), func(tx store.InventoryTx) error {
				_, err := tx.Apply("a", func(v inventory.View) inventory.Delta {
					for c := range v.Components() {
						return inventory.Delta{Removes: []string{c.ID}}
					}
					return inventory.Delta{}
				})
				return err
			})
		}, "1 0 1"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := count(); got != step.want {
			t.Errorf("after step %d: open, ended, count: %s, want %s", n, got, step.want)
		}
	}
}

// TestDefine runs statements all or none, while a writer has the database.
func TestDefine(t *testing.T) {
	url := database(t)
	if err := postgres.Define(t.Context(), url, "", "SELECT 1"); !errors.Is(err, store.ErrFormat) {
		t.Errorf("in an empty database: %v", err)
	}
	s := open(t, url, nil)
	fill(t, s)
	for range 2 {
		if err := postgres.Define(t.Context(), url, "", fanView); err != nil {
			t.Fatal(err)
		}
	}
	broken := strings.ReplaceAll(fanView, "Test_Fan", "Test_Other") + "CREATE VIEW nonsense AS SELECT none;"
	if err := postgres.Define(t.Context(), url, "", broken); err == nil {
		t.Error("nonsense was defined")
	}
	got := one[string](t, url, `SELECT string_agg(table_name, ' ') FROM information_schema.views WHERE table_schema = 'cimwatch_class'`)
	if want := "Test_Fan"; got != want {
		t.Errorf("views %s, want %s", got, want)
	}
	if n := one[int](t, url, `SELECT count(*) FROM cimwatch_class."Test_Fan"`); n != 2 {
		t.Errorf("%d fans", n)
	}
}

// fanView is of the form that mof/sqlgen writes.
const fanView = `CREATE SCHEMA IF NOT EXISTS cimwatch_class;
DROP VIEW IF EXISTS cimwatch_class."Test_Fan";
CREATE VIEW cimwatch_class."Test_Fan" AS SELECT c.host, c.id FROM cimwatch_data.components c WHERE lower(c.class) IN ('cim_fan');
`

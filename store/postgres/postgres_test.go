package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

var start = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

func fan(id string, status uint16) *cim.Instance {
	i := cim.NewInstance("CIM_Fan", cim.Prop("ElementName", cim.String("Fan "+id)),
		cim.Prop("OperationalStatus", cim.Uint16s(status)))
	i.Path = cim.InstancePath("root/cimv2", "CIM_Fan", cim.Key{Name: "DeviceID", Value: cim.String(id)})
	return i
}

// alert returns the n-th event, which raises a condition of a fan.
func alert(n int, host string, about *cim.Instance) event.Event {
	at := start.Add(time.Duration(n) * time.Second)
	return event.Event{
		Host: host, Entry: uint64(n), Received: at, Time: at, Class: "OMC_IpmiAlertIndication", Kind: event.KindAlert,
		Severity: event.SeverityCritical, Action: event.ActionRaise, Element: about.Path,
		Condition: event.Condition{Key: "fan failed", Text: "Fan failed"},
	}
}

// cleared returns the n-th event, which ends that condition.
func cleared(n int, host string, about *cim.Instance) event.Event {
	e := alert(n, host, about)
	e.Action = event.ActionClear
	return e
}

// resync brings a host's inventory to what was found.
func resync(t testing.TB, s *postgres.Inventory, host string, found ...*cim.Instance) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply(host, func(v inventory.View) inventory.Delta {
			return inventory.Sync(v, inventory.Snapshot{Host: host, Instances: found, Started: start, Reason: inventory.Resync})
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// take takes in events as the daemon does: a batch in one transaction, with the cursor.
func take(ctx context.Context, s store.Inventory, events []event.Event) error {
	return takeTo(ctx, s, events, events[len(events)-1].Entry)
}

func takeTo(ctx context.Context, s store.Inventory, events []event.Event, cursor uint64) error {
	return s.Update(ctx, func(tx store.InventoryTx) error {
		taken := make([]store.Taken, len(events))
		for i := range events {
			taken[i] = store.Taken{
				Entry: &store.Entry{Number: events[i].Entry, Received: events[i].Received, Host: events[i].Host, Class: events[i].Class},
				Event: &events[i],
			}
		}
		if j, ok := tx.(store.JournalTx); ok {
			if err := j.TakeIn(taken); err != nil {
				return err
			}
		}
		for i := range events {
			_, err := tx.Apply(events[i].Host, func(v inventory.View) inventory.Delta { return inventory.Apply(v, events[i]) })
			if err != nil {
				return err
			}
		}
		return tx.SetCursor(cursorName, cursor)
	})
}

const cursorName = "contract-cursor" // the proxy knows a batch that writes by it

func TestOneWriter(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	resync(t, s, "a", fan("1", 2))
	second, err := postgres.Open(t.Context(), url, &postgres.Options{LockTimeout: time.Millisecond})
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "PostgreSQL database") {
		t.Fatalf("a second writer: %v, %v", second, err)
	}
	reader := open(t, url, &postgres.Options{ReadOnly: true})
	if hosts, err := reader.Hosts(t.Context()); err != nil || len(hosts) != 1 {
		t.Errorf("a reader has %v, %v", hosts, err)
	}
	err = reader.Update(t.Context(), func(store.InventoryTx) error { return nil })
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a reader updates: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, url, nil)
}

// TestFailingStatement has the server refuse the last statement of a batch.
func TestFailingStatement(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	resync(t, s, "a", fan("1", 2))
	execute(t, url, "ALTER TABLE cimwatch_data.journal_index ADD CHECK (number <> 13)")
	for range 2 {
		if err := take(t.Context(), s, []event.Event{alert(12, "a", fan("1", 2)), alert(13, "b", fan("1", 2))}); err == nil {
			t.Fatal("the server refused nothing")
		}
	}
	hosts, err := s.Hosts(t.Context())
	cursor, cerr := s.Cursor(t.Context(), cursorName)
	if err != nil || cerr != nil || len(hosts) != 1 || cursor != 0 {
		t.Errorf("hosts %v, %v, cursor %d, %v", hosts, err, cursor, cerr)
	}
	if err := take(t.Context(), s, []event.Event{alert(12, "a", fan("1", 2))}); err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, url, "SELECT count FROM cimwatch.alarms"); n != 1 {
		t.Errorf("the condition was raised %d times", n)
	}
}

// TestRoundTrips counts how often a batch waits for the server: not once for each component.
func TestRoundTrips(t *testing.T) {
	p := newProxy(t, database(t))
	s := open(t, p.url, nil)
	var events []event.Event
	for n := range 256 {
		events = append(events, alert(n+1, fmt.Sprintf("host%d", n%64), fan(fmt.Sprint(n), 2)))
	}
	if err := take(t.Context(), s, events); err != nil { // prepares statements too
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		reopen bool
		most   int64
	}{"remembered": {false, 1}, "read": {true, 8}} {
		if tt.reopen {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, p.url, nil)
		}
		before := p.trips.Load()
		if err := take(t.Context(), s, events); err != nil {
			t.Fatal(err)
		}
		if n := p.trips.Load() - before; n == 0 || n > tt.most {
			t.Errorf("%s: %d round trips, want at most %d", name, n, tt.most)
		}
	}
}

// TestLostConnection cuts the connection in the middle of a commit. Whatever the server made of
// it, the batch is there once in the end, and so is the cursor.
func TestLostConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		cut   int64
		fails bool
	}{"before the server has it all": {cutBefore, true}, "before the answer": {cutAfter, false}} {
		t.Run(name, func(t *testing.T) {
			url := database(t)
			p := newProxy(t, url)
			s := open(t, p.url, nil)
			if err := take(t.Context(), s, []event.Event{alert(1, "a", fan("1", 2))}); err != nil {
				t.Fatal(err)
			}
			p.cut.Store(tt.cut)
			err := take(t.Context(), s, []event.Event{alert(2, "a", fan("1", 2))})
			if (err != nil) != tt.fails || p.cut.Load() != cutNowhere {
				t.Fatalf("got %v", err)
			}
			want := 2
			if tt.fails {
				want = 1
			}
			check := func() {
				t.Helper()
				if n := one[int](t, url, "SELECT count FROM cimwatch.alarms"); n != want {
					t.Errorf("raised %d times, want %d", n, want)
				}
				if n, err := s.Cursor(t.Context(), cursorName); err != nil || n != uint64(want) {
					t.Errorf("cursor %d, %v, want %d", n, err, want)
				}
			}
			check()
			want++
			if err := take(t.Context(), s, []event.Event{alert(3, "a", fan("1", 2))}); err != nil {
				t.Fatal(err)
			}
			if n := one[int](t, url, "SELECT count FROM cimwatch.alarms"); n != want {
				t.Errorf("afterwards raised %d times, want %d", n, want)
			}
		})
	}
}

// TestIdleConnectionEnds has an administrator end the writer's connection between updates.
func TestIdleConnectionEnds(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	resync(t, s, "a", fan("1", 2))
	execute(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cimwatch' AND pid <> pg_backend_pid()")
	failures := 0
	for err := errors.New("first"); err != nil && failures < 3; failures++ {
		err = take(t.Context(), s, []event.Event{alert(1, "a", fan("1", 2))})
	}
	if n := one[int](t, url, "SELECT count FROM cimwatch.alarms"); n != 1 || failures > 2 {
		t.Errorf("raised %d times after %d attempts", n, failures)
	}
}

// TestAnotherWriterMeanwhile takes the lock while the connection is lost.
func TestAnotherWriterMeanwhile(t *testing.T) {
	url := database(t)
	p := newProxy(t, url)
	s := open(t, p.url, &postgres.Options{LockTimeout: time.Millisecond})
	resync(t, s, "a", fan("1", 2))
	p.drop()
	other := open(t, url, &postgres.Options{LockTimeout: 10 * time.Second})
	if err := take(t.Context(), other, []event.Event{alert(1, "a", fan("1", 2))}); err != nil {
		t.Fatal(err)
	}
	update := func() error { return take(t.Context(), s, []event.Event{alert(2, "a", fan("1", 2))}) }
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := take(ctx, s, []event.Event{alert(2, "a", fan("1", 2))}); err == nil {
		t.Error("it wrote while another one has the lock")
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := update(); err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, url, "SELECT count FROM cimwatch.alarms"); n != 2 {
		t.Errorf("raised %d times: what the other wrote was not seen", n)
	}
}

// journalOf returns the lineage of a journal that was put back after some numbers.
func journalOf(name byte, after ...uint64) store.Lineage {
	l := store.Lineage{{ID: [16]byte{name}}}
	for n, number := range after {
		l = append(l, store.Branch{ID: [16]byte{name, byte(n + 1)}, After: number})
	}
	return l
}

func TestJournals(t *testing.T) {
	url := database(t)
	journal := func(name byte, last uint64, after ...uint64) *postgres.Options {
		return &postgres.Options{Journal: journalOf(name, after...), Last: last}
	}
	for _, step := range []struct {
		name   string
		opts   *postgres.Options
		found  postgres.Found
		cursor uint64 // that is found
		set    uint64
	}{
		{"a first one", journal(1, 0), postgres.SameJournal, 0, 7},
		{"the same, longer", journal(1, 9), postgres.SameJournal, 7, 9},
		{"the same, copied back", journal(1, 5), postgres.EarlierJournal, 5, 5},
		{"the same again", journal(1, 5), postgres.SameJournal, 5, 5},
		{"put back, and longer than before", journal(1, 30, 4), postgres.EarlierJournal, 4, 30},
		{"put back twice", journal(1, 30, 4, 20), postgres.EarlierJournal, 20, 22},
		{"what it was once", journal(1, 30, 4), postgres.EarlierJournal, 20, 30},
		{"put back to after the cursor", journal(1, 40, 4, 35), postgres.SameJournal, 30, 30},
		{"another one", journal(2, 100), postgres.OtherJournal, 0, 50},
		{"the same other one", journal(2, 100), postgres.SameJournal, 50, 50},
	} {
		s := open(t, url, step.opts)
		if n, err := s.Cursor(t.Context(), "c"); s.Found() != step.found || n != step.cursor || err != nil {
			t.Errorf("%s: found %v, cursor %d, %v", step.name, s.Found(), n, err)
		}
		err := s.Update(t.Context(), func(tx store.InventoryTx) error { return tx.SetCursor("c", step.set) })
		if err := errors.Join(err, s.Close()); err != nil {
			t.Error(err)
		}
	}
	if n := one[int](t, url, "SELECT generation FROM cimwatch_data.state"); n != 6 {
		t.Errorf("generation %d, want 6", n)
	}
}

// TestDrop forgets of the index what the journal has dropped, and what was of other journals and
// received no later.
func TestDrop(t *testing.T) {
	url := database(t)
	drop := func(s *postgres.Inventory, before uint64, want string) {
		t.Helper()
		err := s.Update(t.Context(), func(tx store.InventoryTx) error {
			j, ok := tx.(store.JournalTx)
			if !ok {
				t.Error("the transaction is not told of the journal")
				return nil
			}
			return j.Drop(before)
		})
		if err != nil {
			t.Fatal(err)
		}
		got := one[string](t, url, "SELECT string_agg(generation || '/' || number, ' ' ORDER BY generation, number) FROM cimwatch.journal")
		if got != want {
			t.Errorf("dropped before %d: the index has %s, want %s", before, got, want)
		}
	}
	takeIn := func(s *postgres.Inventory, numbers ...int) {
		t.Helper()
		for _, n := range numbers {
			if err := take(t.Context(), s, []event.Event{alert(n, "a", fan("1", 2))}); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := open(t, url, &postgres.Options{Journal: journalOf(1), Last: 5})
	takeIn(s, 1, 2, 3, 4, 5)
	drop(s, 2, "0/2 0/3 0/4 0/5")
	drop(s, 1, "0/2 0/3 0/4 0/5")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, url, &postgres.Options{Journal: journalOf(1, 3), Last: 6})
	takeIn(s, 4, 5, 6)
	drop(s, 2, "0/2 0/3 0/4 0/5 1/4 1/5 1/6")
	drop(s, 5, "0/5 1/5 1/6")
	drop(s, 6, "1/6")
}

func TestOpenRefuses(t *testing.T) {
	url := database(t)
	if _, err := postgres.Open(t.Context(), url, &postgres.Options{ReadOnly: true}); !errors.Is(err, store.ErrFormat) {
		t.Errorf("to read an empty database: %v", err)
	}
	if err := open(t, url, nil).Close(); err != nil {
		t.Fatal(err)
	}
	open(t, url, &postgres.Options{ReadOnly: true})
	execute(t, url, "INSERT INTO cimwatch_data.goose_db_version (version_id, is_applied) VALUES (99999, true)")
	for _, readOnly := range []bool{true, false} {
		if _, err := postgres.Open(t.Context(), url, &postgres.Options{ReadOnly: readOnly}); !errors.Is(err, store.ErrFormat) {
			t.Errorf("tables of a newer version: %v", err)
		}
	}
}

// TestSecrets looks for passwords in what goes wrong.
func TestSecrets(t *testing.T) {
	const secret = "hush-hush"
	for _, url := range []string{
		"postgres://u:" + secret + "@h/d", "postgres://u@h/d?password=" + secret, "postgres://u@h:" + secret + "/d", "host=h password=" + secret,
		"postgres://u@h/d?sslmode=" + secret, "mysql://u@h/" + secret, secret, "postgres://u@h/d?sslpassword=" + secret, "postgres://%zz" + secret,
	} {
		err := postgres.CheckURL(url)
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", url, err)
		}
		if _, err := postgres.Open(t.Context(), url, nil); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("open %s: %v", url, err)
		}
	}
	if missing != nil {
		t.Skip(missing)
	}
	for _, url := range []string{server.URL("secretive", "postgres"), "postgres://secretive@127.0.0.1:1/d?connect_timeout=1", "postgres:///d?host=/nowhere"} {
		_, err := postgres.Open(t.Context(), url, &postgres.Options{Password: secret})
		if err == nil || strings.Contains(fmt.Sprintf("%+v", err), secret) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestPassword(t *testing.T) {
	url := strings.Replace(database(t), "tester@", "secretive@", 1)
	open(t, url, &postgres.Options{Password: pgtest.Secret})
	if _, err := postgres.Open(t.Context(), url, nil); err == nil {
		t.Error("opened without the password")
	}
}

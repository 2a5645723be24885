package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
	"github.com/cimwatch/cimwatch/web"
)

// written is an inventory whose updates are served.
type written struct {
	*daemon.Announced
	client *web.Client
	url    string
	end    chan struct{} // closed to end who follows
}

func serveUpdates(t *testing.T) *written {
	t.Helper()
	s := storetest.Open(t, nil)
	w := &written{end: make(chan struct{})}
	w.Announced = daemon.Announce(s.Inventory(), w.end)
	server := httptest.NewServer(web.NewUpdatesHandler(w, nil))
	t.Cleanup(server.Close)
	w.url, w.client = server.URL, client(t, server.URL)
	return w
}

// write writes to a host.
func (w *written) write(t *testing.T, host string, d inventory.Delta) {
	t.Helper()
	err := w.Update(t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply(host, func(inventory.View) inventory.Delta { return d })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// thing returns a delta with a component of a host, and a change of it where there is a name.
func thing(host, id string, kind inventory.Kind, name string) inventory.Delta {
	d := inventory.Delta{Upserts: []inventory.Component{{Host: host, ID: id, Kind: kind, Name: name}}}
	if name != "" {
		d.Changes = []inventory.Change{{Host: host, ID: id, Component: kind, Name: name, Kind: inventory.Appeared, Time: day(1), Known: day(2)}}
	}
	return d
}

// shown are updates in short, without their cursors.
func shown(t *testing.T, w *written, cursor string, f web.UpdateFilter) (all []string, last string) {
	t.Helper()
	for u, err := range w.client.Updates(t.Context(), cursor, false, f) {
		if err != nil {
			t.Fatal(err)
		}
		all, last = append(all, short(&u)), u.Cursor
	}
	return all, last
}

func short(u *web.Update) string {
	text := fmt.Sprint(u.Host, "/", u.ID, " ", u.Component)
	if u.Change != nil {
		text += " " + u.Change.Kind + " " + u.Change.Name
	}
	if u.Missed {
		text += "missed"
	}
	return text
}

func TestUpdates(t *testing.T) {
	w := serveUpdates(t)
	shown(t, w, "", web.UpdateFilter{}) // from now on updates are kept
	w.write(t, "a", thing("a", "0", inventory.KindFan, "before"))
	begin, cursor := shown(t, w, "", web.UpdateFilter{})
	if diff := cmp.Diff([]string{"/ "}, begin); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.write(t, "a", thing("a", "1", inventory.KindFan, "Fan 1"))
	w.write(t, "b", thing("b", "1", inventory.KindDisk, ""))
	w.write(t, "b", inventory.Delta{Removes: []string{"1"}})
	for _, tt := range []struct {
		filter web.UpdateFilter
		want   []string
	}{
		{web.UpdateFilter{}, []string{"/ ", "a/1 fan appeared Fan 1", "b/1 disk", "b/1 "}},
		{web.UpdateFilter{Hosts: []string{"A", "c"}}, []string{"/ ", "a/1 fan appeared Fan 1"}},
		{web.UpdateFilter{Kinds: []string{"DISK"}}, []string{"/ ", "b/1 disk", "b/1 "}},
	} {
		got, _ := shown(t, w, cursor, tt.filter)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v (-want +got)\n%s", tt.filter, diff)
		}
	}
	for name, cursor := range map[string]string{"of another run": "ABCDEFGH-1", "to come": cursor + "9", "no number": "x"} {
		got, _ := shown(t, w, cursor, web.UpdateFilter{})
		want := []string{"/ missed", "a/0 fan appeared before", "a/1 fan appeared Fan 1", "b/1 disk", "b/1 "}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("a cursor %s (-want +got)\n%s", name, diff)
		}
	}
}

// The text of a line is a contract.
func TestUpdateLine(t *testing.T) {
	w := serveUpdates(t)
	_, cursor := shown(t, w, "", web.UpdateFilter{})
	w.write(t, "a", thing("a", "1", inventory.KindFan, "Fan 1"))
	handler := web.NewUpdatesHandler(w, nil)
	_, resp := get(t, handler, "updates?after="+cursor)
	run := strings.TrimSuffix(cursor, "-0")
	want := `{"cursor":"RUN-0"}` + "\n" + `{"cursor":"RUN-1","host":"a","id":"1","component":"fan","change":{"time":"2026-11-01T08:00:00.0000005Z",` +
		`"known":"2026-11-02T08:00:00.0000005Z","host":"a","id":"1","component":"fan","name":"Fan 1","kind":"appeared","old":null,"new":null,` +
		`"health":"unknown","cause":{"reason":""}}}` + "\n"
	if got := strings.ReplaceAll(resp, run, "RUN"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	status, resp := get(t, handler, "updates?from=now")
	if want := `{"error":"unknown parameter \"from\": choose from after, follow, host, kind"}`; status != http.StatusBadRequest || strings.TrimSpace(resp) != want {
		t.Errorf("%d %s", status, resp)
	}
}

// The example of docs/json.md has no other fields than updates have, and all of theirs.
func TestUpdateDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n### Updates\n")
	_, example, _ := strings.Cut(section, "```json\n")
	example, _, _ = strings.Cut(example, "```")
	for line := range strings.Lines(example) {
		var u web.Update
		if err := json.Unmarshal([]byte(line), &u); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(u)
		if diff := cmp.Diff(strings.TrimSpace(line), string(again)); diff != "" || err != nil {
			t.Errorf("%v (-docs +written)\n%s", err, diff)
		}
	}
	if strings.Count(example, "\n") != 3 {
		t.Errorf("the example is %q", example)
	}
	for field := range reflect.TypeFor[web.Update]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !strings.Contains(section, "\n| `"+name+"` |") {
			t.Errorf("field %s is not in docs/json.md", name)
		}
	}
}

// Who follows is told of each update as it is written, and goes on where it was.
func TestUpdatesAreFollowed(t *testing.T) {
	w := serveUpdates(t)
	last, cursor := 0, ""
	for u, err := range w.client.Updates(t.Context(), "", true, web.UpdateFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(last); last > 0 && u.ID != want || u.Missed {
			t.Fatalf("%+v, want %s", u, want)
		}
		if last++; last == 10 {
			cursor = u.Cursor
			break
		}
		w.write(t, "a", thing("a", fmt.Sprint(last), inventory.KindFan, "F"))
	}
	w.write(t, "a", thing("a", "10", inventory.KindFan, "F"))
	ended := false
	for u, err := range w.client.Updates(t.Context(), cursor, true, web.UpdateFilter{}) {
		if err != nil || u.Missed || u.ID != "" && u.ID != "10" {
			t.Fatalf("%+v, %v", u, err)
		}
		if u.ID == "10" && !ended {
			ended = true
			close(w.end)
		}
	}
	if !ended {
		t.Error("it ended before its end")
	}
}

// Who reads too slowly holds up nobody, is told so, and then follows again.
func TestSlowReaderMissesUpdates(t *testing.T) {
	w := serveUpdates(t)
	address := strings.TrimPrefix(w.url, "http://")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET /api/v1/updates?follow=true HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	var first [1]byte // the answer has begun
	if _, err := conn.Read(first[:]); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 20_000)
	for n := range 16 {
		var removes []string
		for m := range 100 {
			removes = append(removes, fmt.Sprint(long, n, "-", m))
		}
		w.write(t, "a", inventory.Delta{Removes: removes})
	}
	w.write(t, "a", thing("a", "last", inventory.KindFan, ""))
	close(w.end)
	missed, whole := readAll(t, conn)
	if !missed || !whole {
		t.Errorf("told that it missed some: %v, of the last one: %v", missed, whole)
	}
}

// readAll reads the rest of an answer, and tells what is in it.
func readAll(t *testing.T, conn net.Conn) (missed, whole bool) {
	t.Helper()
	var text strings.Builder
	buffer := make([]byte, 1<<16)
	for {
		n, err := conn.Read(buffer)
		text.Write(buffer[:n])
		if err != nil {
			break
		}
	}
	return strings.Contains(text.String(), `,"missed":true}`), strings.Contains(text.String(), `"id":"last"`)
}

// TestUpdateReadersAreBounded refuses one too many, and says of a daemon without updates that it has none.
func TestUpdateReadersAreBounded(t *testing.T) {
	w := serveUpdates(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const most = 64
	began, ended := make(chan struct{}, most), make(chan struct{}, most)
	for range most {
		go func() {
			defer func() { ended <- struct{}{} }()
			for _, err := range w.client.Updates(ctx, "", true, web.UpdateFilter{}) {
				if err == nil {
					began <- struct{}{}
				}
			}
		}()
	}
	for range most {
		<-began
	}
	for _, err := range w.client.Updates(t.Context(), "", true, web.UpdateFilter{}) {
		if err == nil || err.Error() != "ask the daemon: too many" {
			t.Errorf("one too many is told %v", err)
			break
		}
	}
	cancel()
	for range most {
		<-ended
	}
	earlier := httptest.NewServer(web.NewHandler(&source{}, nil))
	defer earlier.Close()
	for _, err := range client(t, earlier.URL).Updates(t.Context(), "", true, web.UpdateFilter{}) {
		if !errors.Is(err, web.ErrNotFound) {
			t.Errorf("a daemon without updates: %v", err)
		}
	}
}

// deadlines notes until when there is time to write.
type deadlines struct {
	*httptest.ResponseRecorder
	all []time.Time
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.all = append(d.all, at)
	return nil
}

// While there is nothing to write a stream has time without end: HTTP/2 would cut it.
func TestIdleStreamHasTime(t *testing.T) {
	d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	web.NewUpdatesHandler(serveUpdates(t), nil).ServeHTTP(d, httptest.NewRequest(http.MethodGet, "/api/v1/updates", nil))
	if d.Code != http.StatusOK || len(d.all) < 2 || d.all[0].IsZero() || !d.all[len(d.all)-1].IsZero() {
		t.Errorf("status %d, deadlines %v", d.Code, d.all)
	}
}

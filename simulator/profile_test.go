package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

func TestDeliveryLooksLikePegasus(t *testing.T) {
	now := time.Date(2026, 11, 20, 7, 58, 17, 0, time.UTC)
	var clock instantly
	s, c := startLab(t, &simulator.Options{
		Profile: simulator.Pegasus, Now: func() time.Time { return now }, Sleep: clock.sleep, RetryAttempts: -1,
	})
	var raw strings.Builder
	address := rawListener(t, &raw)
	subscribe(t, c, "f17", "SELECT * FROM LAB_Alert", "http://"+address+"/lab")
	fire(t, s, labAlert(1), 1)
	flush(t, s)
	head, body, _ := strings.Cut(raw.String(), "\r\n\r\n")
	want := "POST /lab HTTP/1.1\r\n" +
		"HOST: " + address + "\r\n" +
		"Content-Type: application/xml; charset=utf-8\r\n" +
		fmt.Sprintf("content-length: %010d\r\n", len(body)) +
		"TE: chunked, trailers\r\n" +
		"CIMExport: MethodRequest\r\n" +
		"CIMExportMethod: ExportIndication"
	if diff := cmp.Diff(want, head); diff != "" {
		t.Error(diff)
	}
	end := `<PROPERTY NAME="SequenceContext" TYPE="string"><VALUE>PG:cimwatch:localhost20261120075817.000000-20261120075817</VALUE></PROPERTY>` +
		`<PROPERTY NAME="SequenceNumber" TYPE="sint64"><VALUE>0</VALUE></PROPERTY></INSTANCE>`
	if !strings.Contains(body, end) || strings.Contains(body, "IndicationFilterName") || strings.Contains(body, "ProviderName") {
		t.Errorf("received %s", body)
	}
}

// pegasusListener answers each request with what reply makes of it, and keeps from which
// address and with which authorization it came.
type pegasusListener struct {
	*httptest.Server
	remotes       []string
	authorization []string
	numbers       []string
}

func listenAs(t *testing.T, reply func(n int, w http.ResponseWriter, id string)) *pegasusListener {
	t.Helper()
	l := &pegasusListener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		x, err := cimxml.DecodeExport(body)
		if err != nil {
			t.Errorf("%v in %s", err, body)
			return
		}
		l.remotes = append(l.remotes, r.RemoteAddr) // one at a time: the simulator waits for each answer
		l.authorization = append(l.authorization, r.Header.Get("Authorization"))
		l.numbers = append(l.numbers, x.Indication.Get("SequenceNumber").Lexical())
		reply(len(l.remotes), w, x.ID)
	}))
	t.Cleanup(l.Close)
	return l
}

// confirm answers as DSP0200 wants it.
func confirm(w http.ResponseWriter, id string, failure *cim.Error) {
	w.Header().Set("Content-Type", "application/xml")
	w.Header()["CIMExport"] = []string{"MethodResponse"}
	_, _ = w.Write(cimxml.AppendExportResponse(nil, id, "ExportIndication", failure))
}

// OpenPegasus takes only a whole answer to the very message for a delivery.
func TestPegasusOutcomes(t *testing.T) {
	for _, test := range []struct {
		name  string
		reply func(w http.ResponseWriter, id string)
		want  simulator.Outcome
	}{
		{"whole", func(w http.ResponseWriter, id string) { confirm(w, id, nil) }, simulator.Delivered},
		{"other ID", func(w http.ResponseWriter, id string) { confirm(w, id+"0", nil) }, simulator.Dropped},
		{"CIM error", func(w http.ResponseWriter, id string) { confirm(w, id, cim.Errorf(cim.StatusFailed, "no")) }, simulator.Dropped},
		{"empty 200", func(w http.ResponseWriter, _ string) { w.WriteHeader(200) }, simulator.Dropped},
		{"204", func(w http.ResponseWriter, _ string) { w.WriteHeader(204) }, simulator.Dropped},
		{"400", func(w http.ResponseWriter, _ string) { w.WriteHeader(400) }, simulator.Dropped},
		{"302", func(w http.ResponseWriter, _ string) { w.WriteHeader(302) }, simulator.Dropped},
		{"no XML declaration", func(w http.ResponseWriter, id string) {
			w.Header().Set("Content-Type", "application/xml")
			w.Header().Set("CIMExport", "MethodResponse")
			_, _ = w.Write([]byte(`<CIM><MESSAGE ID="` + id + `"/></CIM>`))
		}, simulator.Dropped},
		{"not well-formed", func(w http.ResponseWriter, id string) {
			w.Header().Set("Content-Type", "application/xml")
			w.Header().Set("CIMExport", "MethodResponse")
			_, _ = w.Write([]byte(`<?xml version="1.0"?><CIM><MESSAGE ID="` + id + `"/>`))
		}, simulator.Dropped},
		{"no CIMExport", func(w http.ResponseWriter, id string) {
			w.Header().Set("Content-Type", "application/xml")
			_, _ = w.Write(cimxml.AppendExportResponse(nil, id, "ExportIndication", nil))
		}, simulator.Dropped},
	} {
		t.Run(test.name, func(t *testing.T) {
			var clock instantly
			var told reports
			s, c := startLab(t, &simulator.Options{Profile: simulator.Pegasus, Sleep: clock.sleep, OnDelivery: told.add})
			l := listenAs(t, func(_ int, w http.ResponseWriter, id string) { test.reply(w, id) })
			subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
			fire(t, s, labAlert(1), 1)
			flush(t, s)
			last := told.list[len(told.list)-1]
			attempts := map[simulator.Outcome]int{simulator.Delivered: 1, simulator.Dropped: 4}[test.want]
			if last.Outcome != test.want || len(told.list) != attempts || len(clock.slept) != attempts-1 {
				t.Errorf("%v, waited %v", told.lines(), clock.slept)
			}
			for _, slept := range clock.slept {
				if slept != 30*time.Second {
					t.Errorf("waited %v", slept)
				}
			}
		})
	}
}

// A 401 is answered at once, without a user; what is dropped leaves a gap.
func TestPegasusUnauthorized(t *testing.T) {
	var clock instantly
	s, c := startLab(t, &simulator.Options{Profile: simulator.Pegasus, Sleep: clock.sleep, RetryAttempts: -1})
	l := listenAs(t, func(n int, w http.ResponseWriter, id string) {
		if n <= 2 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		confirm(w, id, nil)
	})
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	for n := range uint32(2) {
		fire(t, s, labAlert(n), 1)
		flush(t, s)
	}
	if diff := cmp.Diff([]string{"", "Basic Og==", ""}, l.authorization); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"0", "0", "1"}, l.numbers); diff != "" {
		t.Error(diff)
	}
}

// One connection carries what is in the queue, and is closed when that is empty.
func TestPegasusKeepsConnection(t *testing.T) {
	s, c := startLab(t, &simulator.Options{Profile: simulator.Pegasus})
	begin := make(chan struct{})
	l := listenAs(t, func(n int, w http.ResponseWriter, id string) {
		if n == 1 {
			<-begin // until all are in the queue
		}
		if n == 3 {
			w.Header().Set("Connection", "close")
		}
		confirm(w, id, nil)
	})
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	for n := range uint32(5) {
		fire(t, s, labAlert(n), 1)
	}
	close(begin)
	flush(t, s)
	fire(t, s, labAlert(5), 1)
	flush(t, s)
	r := l.remotes
	if len(r) != 6 || r[0] != r[1] || r[1] != r[2] || r[2] == r[3] || r[3] != r[4] || r[4] == r[5] {
		t.Errorf("connections %v", r)
	}
}

func TestProfileTimes(t *testing.T) {
	for profile, want := range map[simulator.Profile]time.Duration{simulator.Sfcb: 20 * time.Second, simulator.Pegasus: 30 * time.Second} {
		var clock instantly
		var told reports
		s, c := startLab(t, &simulator.Options{Profile: profile, Now: clock.now, Sleep: clock.sleep, OnDelivery: told.add})
		subscribe(t, c, "x", "SELECT * FROM LAB_Alert", "http://127.0.0.1:1/")
		fire(t, s, labAlert(1), 1)
		flush(t, s)
		if len(clock.slept) != 3 || clock.slept[0] != want || told.lines()[0] != "1 0 retrying" {
			t.Errorf("profile %d: waited %v, %v", profile, clock.slept, told.lines())
		}
	}
}

// Handlers of one second share a context, as on sfcb; servers of one second do not, since
// their numbers begin again.
func TestSequenceContexts(t *testing.T) {
	started := time.Date(2026, 11, 20, 7, 58, 17, 0, time.UTC)
	var contexts []string
	for n := range 2 {
		now := started.Add(time.Duration(n) * time.Microsecond)
		s, c := startLab(t, &simulator.Options{Now: func() time.Time { return now }})
		l := listen(t)
		subscribe(t, c, "a", "SELECT * FROM LAB_Alert", l.URL)
		subscribe(t, c, "b", "SELECT * FROM LAB_Alert", l.URL)
		fire(t, s, labAlert(1), 2)
		flush(t, s)
		for range 2 {
			contexts = append(contexts, l.next(t).export.Indication.Text("SequenceContext"))
		}
	}
	if contexts[0] != contexts[1] || contexts[2] != contexts[3] || contexts[0] == contexts[2] {
		t.Errorf("contexts %v", contexts)
	}
}

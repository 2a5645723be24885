package cimxml_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// TestEarlyStop leaves an endless enumeration: the connection closes, and the server
// makes no more of it.
func TestEarlyStop(t *testing.T) {
	stopped := make(chan error)
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Error(err)
			return
		}
		stopped <- cimxml.WriteResponse(w, req, &cimxml.Response{
			Form: cimxml.FormNamedInstance,
			Result: func(yield func(cim.Value) bool) {
				for yield(cim.EmbeddedInstance(disk("1"))) {
				}
			},
		})
	})
	n := 0
	for i, err := range newClient(t, s.URL).EnumerateInstances(t.Context(), "", "CIM_Disk", nil) {
		if err != nil || i.Text("ID") != "1" {
			t.Fatalf("got %v, %v", i, err)
		}
		if n++; n == 3 {
			break
		}
	}
	if err := <-stopped; err == nil {
		t.Error("an endless response was written to its end")
	}
}

// TestStreams takes the first instance while the server still waits with the second.
func TestStreams(t *testing.T) {
	taken := make(chan struct{})
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Error(err)
			return
		}
		whole := &bytes.Buffer{}
		result := slices.Values([]cim.Value{cim.EmbeddedInstance(disk("1")), cim.EmbeddedInstance(disk("2"))})
		if err := cimxml.WriteResponse(whole, req, &cimxml.Response{Form: cimxml.FormNamedInstance, Result: result}); err != nil {
			t.Error(err)
		}
		first, second, _ := strings.Cut(whole.String(), "</VALUE.NAMEDINSTANCE>")
		_, _ = io.WriteString(w, first+"</VALUE.NAMEDINSTANCE>") // the client may be gone
		w.(http.Flusher).Flush()
		<-taken
		_, _ = io.WriteString(w, second) // the client may be gone
	})
	n := 0
	for i, err := range newClient(t, s.URL).EnumerateInstances(t.Context(), "", "CIM_Disk", nil) {
		if n++; err != nil || i.Text("ID") != fmt.Sprint(n) {
			t.Fatalf("got %v, %v", i, err)
		}
		if n == 1 {
			close(taken)
		}
	}
	if n != 2 {
		t.Errorf("%d instances came", n)
	}
}

// hang answers with the first bytes of a reply and then nothing more, until the client
// goes. arrived is called when they are out.
func hang(t *testing.T, first string, arrived func()) *httptest.Server {
	t.Helper()
	return raw(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the end of the connection seen
		if first != "" {
			_, _ = io.WriteString(w, first) // the client may be gone
			w.(http.Flusher).Flush()
		}
		arrived()
		<-r.Context().Done()
	})
}

func TestNoAnswer(t *testing.T) {
	for name, first := range map[string]string{"at all": "", "to the end": body("")[:150]} {
		t.Run(name+", cancelled", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := hang(t, first, cancel)
			_, err := newClient(t, s.URL).EnumerateClassNames(ctx, "", "", false)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			checkOpError(t, err)
		})
		t.Run(name+", in time", func(t *testing.T) {
			s := hang(t, first, func() {})
			c, err := cimxml.NewClient(s.URL, &cimxml.Options{Timeout: 50 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.EnumerateClassNames(t.Context(), "", "", false)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			checkOpError(t, err)
		})
	}
}

func TestCancelWithinIteration(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const one = `<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="X"/><INSTANCE CLASSNAME="X"/></VALUE.NAMEDINSTANCE>`
	first, _, _ := strings.Cut(strings.ReplaceAll(body("<IRETURNVALUE>"+one), "EnumerateClassNames", "EnumerateInstances"), "</IMETHOD")
	s := hang(t, first, func() {})
	var errs []error
	for i, err := range newClient(t, s.URL).EnumerateInstances(ctx, "", "X", nil) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if i.Class != "X" {
			t.Errorf("got %v", i)
		}
		cancel()
	}
	if len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
		t.Errorf("got %v, want one error: cancelled", errs)
	}
}

// TestSentAgain breaks a connection that was used before: an operation that only reads
// is sent again, one that changes something is not.
func TestSentAgain(t *testing.T) {
	var requests atomic.Int32
	s := serve(t, result(cimxml.FormName, cim.Reference(diskPath("1"))))
	answer := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%2 == 1 {
			answer.ServeHTTP(w, r)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})
	c := newClient(t, s.URL)
	names := func() error {
		_, err := collect(t, c.EnumerateInstanceNames(t.Context(), "", "X"))
		return err
	}
	if err := errors.Join(names(), names()); err != nil { // the second is sent twice
		t.Error(err)
	}
	if n := requests.Load(); n != 3 {
		t.Errorf("%d requests came, want 3", n)
	}
	if _, err := c.CreateInstance(t.Context(), "", disk("1")); err == nil {
		t.Error("an instance was created by a server that never said so")
	}
	if n := requests.Load(); n != 4 {
		t.Errorf("%d requests came, want 4", n)
	}
}

// TestEndlessObject sees to it that one object cannot fill the memory.
func TestEndlessObject(t *testing.T) {
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the end of the connection seen
		first, _, _ := strings.Cut(strings.ReplaceAll(body("<IRETURNVALUE>"), "EnumerateClassNames", "EnumerateInstances"), "</IMETHOD")
		_, err := io.WriteString(w, first+`<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="X"/><INSTANCE CLASSNAME="X">`)
		for n := 0; err == nil; n++ {
			_, err = fmt.Fprintf(w, `<PROPERTY NAME="P%d" TYPE="string"/>`, n)
		}
	})
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{Limits: cimxml.Limits{Object: 1 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collect(t, c.EnumerateInstances(t.Context(), "", "X", nil)); !errors.Is(err, cimxml.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

// TestStreamedHeap reads a long result without keeping it: neither side holds more of it
// than a moment's worth.
func TestStreamedHeap(t *testing.T) {
	const instances, every, most = 20_000, 2_000, 2 << 20
	sensor := disk("1")
	for n := range 20 {
		sensor.Set(fmt.Sprintf("Property%02d", n), cim.String(fmt.Sprintf("value %d", n)))
	}
	s := serve(t, func(*cimxml.Request) *cimxml.Response {
		values := slices.Repeat([]cim.Value{cim.EmbeddedInstance(sensor)}, instances)
		return &cimxml.Response{Form: cimxml.FormNamedInstance, Result: slices.Values(values)}
	})
	c := newClient(t, s.URL)
	var base, peak uint64
	n := 0
	for i, err := range c.EnumerateInstances(t.Context(), "", "CIM_Disk", nil) {
		if err != nil || len(i.Properties) != 22 {
			t.Fatalf("got %v, %v", i, err)
		}
		if n++; n == 1 {
			base = liveHeap() // with the connection and the buffers
		}
		if n%every == 0 {
			peak = max(peak, liveHeap())
		}
	}
	if n != instances {
		t.Errorf("%d instances were read", n)
	}
	grown := max(peak, base) - base
	t.Logf("%d kB of heap for %d instances", grown>>10, n)
	if grown > most {
		t.Errorf("the heap grew by %d bytes, at most %d were expected", grown, most)
	}
}

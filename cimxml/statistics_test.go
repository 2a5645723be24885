package cimxml_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// TestStatistics counts calls that succeed, fail and are left early, with the times that
// the server measured.
func TestStatistics(t *testing.T) {
	times := []string{"1500", "", "x", "-1", " 500 ", "99999999999999999999"}
	calls := 0
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Error(err)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		if req.Method == "EnumerateInstances" {
			w.Header().Set("WBEMServerResponseTime", times[calls%len(times)])
			calls++
		}
		resp := &cimxml.Response{Err: cim.Errorf(cim.StatusFailed, "no")}
		switch {
		case req.Method == "EnumerateInstances":
			resp = result(cimxml.FormNamedInstance, cim.EmbeddedInstance(disk("1")), cim.EmbeddedInstance(disk("2")))(req)
		case req.Extrinsic():
			resp = &cimxml.Response{Return: cim.Uint32(0)}
		}
		if err := cimxml.WriteResponse(w, req, resp); err != nil {
			t.Error(err)
		}
	})
	c := newClient(t, s.URL)
	if got := c.Statistics(); len(got) != 0 {
		t.Errorf("before any call: %+v", got)
	}
	began := time.Now()
	for n := range times {
		for _, err := range c.EnumerateInstances(t.Context(), "", "CIM_Disk", nil) {
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break // is no failure
			}
		}
	}
	for _, method := range []string{"Start", "Stop"} {
		if _, _, err := c.InvokeMethod(t.Context(), diskPath("1"), method); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.DeleteInstance(t.Context(), diskPath("1")); err == nil {
		t.Fatal("no error")
	}
	all := c.Statistics()
	if len(all) != 3 || all[0].Operation != "DeleteInstance" || all[1].Operation != "EnumerateInstances" || all[2].Operation != "InvokeMethod" {
		t.Fatalf("got %+v", all)
	}
	if all[0].Count != 1 || all[0].Failures != 1 || all[2].Count != 2 || all[2].Failures != 0 {
		t.Errorf("got %+v", all)
	}
	e := all[1]
	if e.Count != uint64(len(times)) || e.Failures != 0 || e.ServerCount != 2 || e.ServerTime != 2*time.Millisecond {
		t.Errorf("got %+v", e)
	}
	if e.Time <= 0 || e.MaxTime <= 0 || e.MaxTime > e.Time || e.Time > time.Since(began) {
		t.Errorf("the times are %v and %v", e.Time, e.MaxTime)
	}
	if e.RequestBytes < 200*e.Count || e.ResponseBytes < 400*e.Count {
		t.Errorf("%d bytes were sent, %d received", e.RequestBytes, e.ResponseBytes)
	}
}

// TestStatisticsAtOnce counts calls of several goroutines.
func TestStatisticsAtOnce(t *testing.T) {
	s := raw(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	c := newClient(t, s.URL)
	const calls = 20
	var group sync.WaitGroup
	for range calls {
		group.Go(func() { _ = c.DeleteInstance(t.Context(), diskPath("1")) })
		group.Go(func() { c.Statistics() })
	}
	group.Wait()
	if got := c.Statistics(); len(got) != 1 || got[0].Count != calls || got[0].Failures != calls {
		t.Errorf("got %+v", got)
	}
}

package cimxml_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// A puller answers Open and Pull with count instances in pieces, and keeps the methods
// that were called. Without pulls it knows the classic operations only.
type puller struct {
	pulls  bool
	count  int
	sent   int
	called []string
	fails  map[string]*cim.Error // the first call of a method is refused
	broken bool                  // answers do not say how the enumeration goes on
}

func (p *puller) respond(req *cimxml.Request) *cimxml.Response {
	p.called = append(p.called, req.Method)
	if err := p.fails[req.Method]; err != nil {
		delete(p.fails, req.Method)
		return &cimxml.Response{Err: err}
	}
	opens, goesOn := strings.HasPrefix(req.Method, "Open"), strings.HasPrefix(req.Method, "Pull")
	switch {
	case req.Method == "CloseEnumeration":
		return &cimxml.Response{}
	case req.Method == "EnumerateInstances":
		return p.piece(cimxml.FormNamedInstance, p.count)
	case !opens && !goesOn || !p.pulls:
		return &cimxml.Response{Err: &cim.Error{Status: cim.StatusNotSupported}}
	case opens:
		p.sent = 0
	}
	n, _ := cim.ParseValue(cim.TypeUint32, req.Param("MaxObjectCount").String())
	most, _ := n.Uint64()
	resp := p.piece(cimxml.FormInstanceWithPath, min(int(most), p.count-p.sent))
	if p.broken {
		return resp
	}
	resp.Out = []cim.Parameter{
		cim.Param("EnumerationContext", cim.String("place")), cim.Param("EndOfSequence", cim.Boolean(p.sent == p.count)),
	}
	return resp
}

func (p *puller) piece(form cimxml.Form, n int) *cimxml.Response {
	var values []cim.Value
	for range n {
		p.sent++
		values = append(values, cim.EmbeddedInstance(disk(fmt.Sprint(p.sent))))
	}
	return &cimxml.Response{Form: form, Result: slices.Values(values)}
}

func TestIterate(t *testing.T) {
	for _, c := range []struct {
		name   string
		server puller
		stop   int // leave after so many, 0 never
		filter string
		want   int
		called string
	}{
		{"in pieces", puller{pulls: true, count: 5}, 0, "", 5, "OpenEnumerateInstances PullInstancesWithPath PullInstancesWithPath"},
		{"a whole piece and nothing more", puller{pulls: true, count: 2}, 0, "", 2, "OpenEnumerateInstances"},
		{"nothing", puller{pulls: true}, 0, "", 0, "OpenEnumerateInstances"},
		{"left early", puller{pulls: true, count: 5}, 3, "", 3, "OpenEnumerateInstances PullInstancesWithPath CloseEnumeration"},
		{"left with the last of all", puller{pulls: true, count: 5}, 5, "", 5, "OpenEnumerateInstances PullInstancesWithPath PullInstancesWithPath"},
		{"by a server without pulls", puller{count: 5}, 0, "", 5, "OpenEnumerateInstances EnumerateInstances"},
		{"with a filter that nobody applies", puller{count: 5}, 0, "x", 0, "OpenEnumerateInstances"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.server.respond)
			got := 0
			var failure error
			for i, err := range newClient(t, s.URL).IterateInstances(t.Context(), "", "CIM_Disk", &cimxml.OpenOptions{MaxObjects: 2, Filter: c.filter}) {
				if failure = err; err != nil {
					continue
				}
				if got++; i.Text("ID") != fmt.Sprint(got) || !i.Path.Equal(diskPath(i.Text("ID"))) {
					t.Errorf("got %v at %s", i, i.Path)
				}
				if got == c.stop {
					break
				}
			}
			if got != c.want || strings.Join(c.server.called, " ") != c.called {
				t.Errorf("got %d instances by %v, want %d by %s", got, c.server.called, c.want, c.called)
			}
			if refused := c.filter != "" && !c.server.pulls; refused != errors.Is(failure, cim.StatusNotSupported) || !refused && failure != nil {
				t.Errorf("got the error %v", failure)
			}
		})
	}
}

// TestIterateRemembers asks a server without pull operations for them once.
func TestIterateRemembers(t *testing.T) {
	p := &puller{count: 1}
	c := newClient(t, serve(t, p.respond).URL)
	for range 3 {
		if all, err := collect(t, c.IterateInstances(t.Context(), "", "CIM_Disk", nil)); err != nil || len(all) != 1 {
			t.Errorf("got %v, %v", all, err)
		}
	}
	if want := []string{"OpenEnumerateInstances", "EnumerateInstances", "EnumerateInstances", "EnumerateInstances"}; !slices.Equal(p.called, want) {
		t.Errorf("%v were called, want %v", p.called, want)
	}
}

// TestIterateForgives asks a server again for pull operations of which one failed once.
func TestIterateForgives(t *testing.T) {
	for description, want := range map[string]string{
		"the provider is gone":         "OpenEnumerateInstances EnumerateInstances OpenEnumerateInstances",
		"invalid imethodcall payload":  "OpenEnumerateInstances EnumerateInstances EnumerateInstances",
		"CIM_ERR_FAILED: out of order": "OpenEnumerateInstances EnumerateInstances OpenEnumerateInstances",
	} {
		p := &puller{pulls: true, count: 1, fails: map[string]*cim.Error{"OpenEnumerateInstances": cim.Errorf(cim.StatusFailed, "%s", description)}}
		c := newClient(t, serve(t, p.respond).URL)
		for range 2 {
			if all, err := collect(t, c.IterateInstances(t.Context(), "", "CIM_Disk", nil)); err != nil || len(all) != 1 {
				t.Errorf("%s: got %v, %v", description, all, err)
			}
		}
		if got := strings.Join(p.called, " "); got != want {
			t.Errorf("%s: %s were called, want %s", description, got, want)
		}
	}
}

// TestIterateAbandons closes an enumeration whose answer was not understood or is not
// waited for, and none that the server has closed.
func TestIterateAbandons(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*puller, context.CancelFunc)
		want  string
	}{
		{"cancelled", func(_ *puller, cancel context.CancelFunc) { cancel() }, "OpenEnumerateInstances CloseEnumeration"},
		{"refused", func(p *puller, _ context.CancelFunc) {
			p.fails = map[string]*cim.Error{"PullInstancesWithPath": cim.Errorf(cim.StatusFailed, "no")}
		}, "OpenEnumerateInstances PullInstancesWithPath"},
		{"not understood", func(p *puller, _ context.CancelFunc) { p.broken = true }, "OpenEnumerateInstances PullInstancesWithPath CloseEnumeration"},
	} {
		p := &puller{pulls: true, count: 5}
		client := newClient(t, serve(t, p.respond).URL)
		ctx, cancel := context.WithCancel(t.Context())
		got, failed := 0, false
		for _, err := range client.IterateInstances(ctx, "", "CIM_Disk", &cimxml.OpenOptions{MaxObjects: 2}) {
			if failed = err != nil; !failed {
				if got++; got == 2 {
					c.spoil(p, cancel)
				}
			}
		}
		cancel()
		if called := strings.Join(p.called, " "); got < 2 || !failed || called != c.want {
			t.Errorf("%s: got %d, failed %v, by %s, want %s", c.name, got, failed, called, c.want)
		}
	}
}

// TestPullLosesNothing gives answers that do not say how an enumeration goes on.
func TestPullLosesNothing(t *testing.T) {
	for _, out := range [][]cim.Parameter{nil, {cim.Param("EndOfSequence", cim.Boolean(false))}} {
		s := serve(t, func(*cimxml.Request) *cimxml.Response {
			return &cimxml.Response{Form: cimxml.FormInstanceWithPath, Out: out}
		})
		_, _, err := newClient(t, s.URL).PullInstancesWithPath(t.Context(), cimxml.Enumeration{Namespace: "root/cimv2", Context: "place"}, 10)
		if !errors.Is(err, cimxml.ErrNotValid) {
			t.Errorf("%v: got %v", out, err)
		}
	}
}

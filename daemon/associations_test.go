package daemon_test

import (
	"slices"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
)

// members returns what the history of a host has of members, in its order.
func (r *running) members(host string) (kinds []string) {
	r.t.Helper()
	history, err := r.client.History(within(r.t), host, "")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range history {
		if c.Kind == inventory.MemberLost.String() || c.Kind == inventory.MemberGained.String() {
			kinds = append(kinds, c.Kind)
		}
	}
	return kinds
}

// volumes returns what the volumes of a host are based on.
func (r *running) volumes(host string) (on []inventory.Relation) {
	r.t.Helper()
	components, err := r.client.Components(within(r.t), host)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range components {
		for _, relation := range c.Relations {
			if relation.Kind == inventory.BasedOn {
				on = append(on, relation)
			}
		}
	}
	return on
}

// look has the host looked at, and waits for the end of that.
func (c *turns) look(t testing.TB) {
	t.Helper()
	for len(c.asked) > 0 {
		<-c.asked
	}
	c.next(t)
	c.pause(t)
}

// lackAssociations has the host say that it lacks the association classes until end is called.
func lackAssociations(h *host, status cim.Status) (end func()) {
	return h.Fault(simulator.Fault{Method: "EnumerateInstanceNames", Err: cim.Errorf(status, "no such class")})
}

// TestAssociationsAway has a host lack its association classes for one look, and again for another
// one later, as while providers start anew: nothing is lost. When they stay away, what they told of is.
func TestAssociationsAway(t *testing.T) {
	for _, status := range []cim.Status{cim.StatusInvalidClass, cim.StatusNotFound, cim.StatusNotSupported} {
		t.Run(status.String(), func(t *testing.T) {
			h, clock := startHost(t, nil), newTurns()
			d := start(t, configFor(t, h.url), &daemon.Options{After: clock.after})
			d.awaitSubscribed(hostName)
			before := d.volumes(hostName)
			for range 2 {
				end := lackAssociations(h, status)
				clock.look(t)
				end()
				clock.look(t)
			}
			if got := d.members(hostName); len(got) > 0 {
				t.Errorf("classes were away for a look, and there is %v", got)
			}
			if got := d.volumes(hostName); len(got) == 0 || !slices.Equal(got, before) {
				t.Errorf("volumes are based on %v, were on %v", got, before)
			}

			end := lackAssociations(h, status)
			clock.look(t)
			clock.look(t)
			lost := d.members(hostName)
			if slices.Contains(lost, inventory.MemberGained.String()) || len(lost) == 0 {
				t.Errorf("the classes stay away, and there is %v, want members lost", lost)
			}
			end()
			clock.look(t)
			if got := d.members(hostName); len(got) != 2*len(lost) {
				t.Errorf("the classes are back, and there is %v, want as many gained as were lost", got)
			}
		})
	}
}

// TestAssociationsAwayAtTheStart has the classes be away when a daemon starts that knows a host
// from before.
func TestAssociationsAwayAtTheStart(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	end, clock := lackAssociations(h, cim.StatusInvalidClass), newTurns()
	d = start(t, config, &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	end()
	clock.look(t)
	if got := d.members(hostName); len(got) > 0 {
		t.Errorf("classes were away at the start, and there is %v", got)
	}
}

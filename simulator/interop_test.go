package simulator_test

import (
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// set returns a copy of an instance with a property set, or gone for the zero Value.
func set(i *cim.Instance, name string, v cim.Value) *cim.Instance {
	c := i.Clone()
	if v.Type() != cim.TypeNone {
		c.Set(name, v)
		return c
	}
	c.Properties = nil
	for _, p := range i.Properties {
		if p.Name != name {
			c.Properties = append(c.Properties, p)
		}
	}
	return c
}

func TestFilterIsFilledIn(t *testing.T) {
	_, c := startLab(t, nil)
	path := create(t, c, newFilter("f", "SELECT * FROM LAB_Alert"))
	want := cim.InstancePath(interop, "CIM_IndicationFilter",
		cim.Key{Name: "SystemCreationClassName", Value: cim.String("CIM_ComputerSystem")},
		cim.Key{Name: "SystemName", Value: cim.String("localhost")},
		cim.Key{Name: "CreationClassName", Value: cim.String("CIM_IndicationFilter")},
		cim.Key{Name: "Name", Value: cim.String("f")})
	if !path.Equal(want) {
		t.Errorf("path %s, want %s", path, want)
	}
	i, err := c.GetInstance(t.Context(), path, nil)
	if err != nil || !i.Get("SourceNamespaces").Equal(cim.Strings(cimv2)) || !i.Get("IndividualSubscriptionSupported").Equal(cim.Boolean(true)) {
		t.Errorf("filter %v, %v", i, err)
	}
	nameless := create(t, c, set(newFilter("", "SELECT * FROM LAB_Alert"), "Name", cim.Value{}))
	if nameless.Key("Name").IsNull() || nameless.KeyText("Name") != "" {
		t.Errorf("path of a filter without a name: %s", nameless)
	}
}

func TestFilterErrors(t *testing.T) {
	_, c := startLab(t, nil)
	create(t, c, newFilter("taken", "SELECT * FROM LAB_Alert"))
	good := newFilter("f", "SELECT * FROM LAB_Alert")
	for _, test := range []struct {
		name   string
		filter *cim.Instance
		want   cim.Status
	}{
		{"duplicate", newFilter("taken", "SELECT * FROM CIM_Indication"), cim.StatusAlreadyExists},
		{"query", set(good, "Query", cim.String("SELECT FROM WHERE")), cim.StatusInvalidQuery},
		{"language", set(good, "QueryLanguage", cim.String("SQL")), cim.StatusQueryLanguageNotSupported},
		{"no query", set(good, "Query", cim.Value{}), cim.StatusFailed},
		{"no language", set(good, "QueryLanguage", cim.Value{}), cim.StatusFailed},
		{"type", set(good, "Query", cim.Uint32(1)), cim.StatusTypeMismatch},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.CreateInstance(t.Context(), interop, test.filter)
			wantStatus(t, err, test.want)
		})
	}
}

func TestHandlerErrors(t *testing.T) {
	_, c := startLab(t, nil)
	create(t, c, newHandler("taken", "http://127.0.0.1:1/"))
	good := newHandler("h", "http://127.0.0.1:1/")
	for _, test := range []struct {
		name    string
		handler *cim.Instance
		want    cim.Status
	}{
		{"duplicate", newHandler("taken", "http://127.0.0.1:2/"), cim.StatusAlreadyExists},
		{"no destination", set(good, "Destination", cim.Value{}), cim.StatusFailed},
		{"persistence", set(good, "PersistenceType", cim.Uint16(9)), cim.StatusFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.CreateInstance(t.Context(), interop, test.handler)
			wantStatus(t, err, test.want)
		})
	}
}

func TestSubscriptionErrors(t *testing.T) {
	_, c := startLab(t, nil)
	filter, handler, _ := subscribe(t, c, "taken", "SELECT * FROM LAB_Alert", "http://127.0.0.1:1/")
	unknown := create(t, c, newFilter("unknown class", "SELECT * FROM LAB_Nope"))
	noIndication := create(t, c, newFilter("no indication", "SELECT * FROM LAB_Thing"))
	nowhere := create(t, c, set(newFilter("nowhere", "SELECT * FROM LAB_Alert"), "SourceNamespace", cim.String("root/nope")))
	missing := func(p cim.ObjectPath) cim.ObjectPath {
		last := len(p.Keys) - 1
		p.Keys = append(p.Keys[:last:last], cim.Key{Name: "Name", Value: cim.String("nope")})
		return p
	}
	elsewhere := filter
	elsewhere.Namespace = cimv2
	remote := func(p cim.ObjectPath) cim.ObjectPath { p.Host = "somewhere"; return p }
	for _, test := range []struct {
		name            string
		filter, handler cim.ObjectPath
		want            cim.Status
	}{
		{"duplicate", filter, handler, cim.StatusAlreadyExists},
		{"duplicate without namespace", filter.Relative(), handler.Relative(), cim.StatusAlreadyExists},
		{"duplicate with host", remote(filter), remote(handler), cim.StatusAlreadyExists},
		{"no such filter", missing(filter), handler, cim.StatusNotFound},
		{"no such handler", filter, missing(handler), cim.StatusNotFound},
		{"filter elsewhere", elsewhere, handler, cim.StatusNotFound},
		{"handler for filter", handler, handler, cim.StatusNotFound},
		{"filter for handler", filter, filter, cim.StatusNotFound},
		{"class of the query", unknown, handler, cim.StatusNotSupported},
		{"class is no indication", noIndication, handler, cim.StatusNotSupported},
		{"source namespace", nowhere, handler, cim.StatusNotSupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.CreateInstance(t.Context(), interop, newSubscription(test.filter, test.handler))
			wantStatus(t, err, test.want)
		})
	}
	for _, end := range []string{"Filter", "Handler"} {
		_, err := c.CreateInstance(t.Context(), interop, set(newSubscription(filter, handler), end, cim.Value{}))
		wantStatus(t, err, cim.StatusFailed)
	}
}

func TestDeleteInUse(t *testing.T) {
	_, c := startLab(t, nil)
	filter, handler, subscription := subscribe(t, c, "x", "SELECT * FROM LAB_Alert", "http://127.0.0.1:1/")
	wantStatus(t, c.DeleteInstance(t.Context(), filter), cim.StatusFailed)
	wantStatus(t, c.DeleteInstance(t.Context(), handler), cim.StatusFailed)
	for _, path := range []cim.ObjectPath{subscription, handler, filter} {
		if err := c.DeleteInstance(t.Context(), path); err != nil {
			t.Errorf("delete %s: %v", path, err)
		}
		wantStatus(t, c.DeleteInstance(t.Context(), path), cim.StatusNotFound)
	}
}

func TestFilterCannotBeModified(t *testing.T) {
	_, c := startLab(t, nil)
	filter := newFilter("f", "SELECT * FROM LAB_Alert")
	filter.Path = create(t, c, filter)
	wantStatus(t, c.ModifyInstance(t.Context(), filter, nil), cim.StatusNotSupported)
}

// Outside the interop namespace nothing is checked and nothing is sent.
func TestOutsideInterop(t *testing.T) {
	s, c := startLab(t, nil)
	l := listen(t)
	full := func(i *cim.Instance) *cim.Instance {
		i.Set("SystemCreationClassName", cim.String("CIM_ComputerSystem"))
		i.Set("SystemName", cim.String("localhost"))
		i.Set("CreationClassName", cim.String(i.Class))
		return i
	}
	var paths []cim.ObjectPath
	for _, i := range []*cim.Instance{full(newFilter("f", "SELECT * FROM LAB_Alert")), full(newHandler("h", l.URL))} {
		path, err := c.CreateInstance(t.Context(), cimv2, i)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if _, err := c.CreateInstance(t.Context(), cimv2, newSubscription(paths[0], paths[1])); err != nil {
		t.Fatal(err)
	}
	fire(t, s, labAlert(1), 0)
}

func TestSubscriptionState(t *testing.T) {
	s, c := startLab(t, nil)
	l := listen(t)
	_, _, path := subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	setState := func(state uint16) {
		t.Helper()
		i, err := c.GetInstance(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		i.Set("SubscriptionState", cim.Uint16(state))
		if err := c.ModifyInstance(t.Context(), i, nil); err != nil {
			t.Fatal(err)
		}
	}
	fire(t, s, labAlert(1), 1)
	setState(4)
	fire(t, s, labAlert(2), 0)
	setState(2)
	fire(t, s, labAlert(3), 1)
	flush(t, s)
	for _, want := range []uint32{1, 3} {
		if i := l.next(t).export.Indication; !i.Get("Number").Equal(cim.Uint32(want)) {
			t.Errorf("Number %v, want %d", i.Get("Number"), want)
		}
	}
	i, err := c.GetInstance(t.Context(), path, nil)
	if err != nil || i.Get("TimeOfLastStateChange").IsNull() || i.Get("SubscriptionStartTime").IsNull() {
		t.Errorf("subscription %v, %v", i, err)
	}
	disabled := set(newSubscription(create(t, c, newFilter("y", "SELECT * FROM LAB_Alert")), create(t, c, newHandler("y", l.URL))),
		"SubscriptionState", cim.Uint16(4))
	create(t, c, disabled)
	fire(t, s, labAlert(4), 1)
}

// Filters, handlers and subscriptions of the model work like those of clients.
func TestSubscriptionsOfTheModel(t *testing.T) {
	s := start(t, subscribedModel(t), nil)
	fire(t, s, labAlert(1), 1)
	c := connect(t, s, nil)
	paths, err := collect(c.EnumerateInstanceNames(t.Context(), interop, "CIM_IndicationFilter"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("filters %v, %v", paths, err)
	}
	wantStatus(t, c.DeleteInstance(t.Context(), paths[0]), cim.StatusFailed)
}

func TestOtherInteropNamespace(t *testing.T) {
	s := start(t, lab(t), &simulator.Options{Interop: "/root/PG_InterOp/"})
	c := connect(t, s, nil)
	_, err := c.CreateInstance(t.Context(), "root/pg_interop", newFilter("f", "SELECT * FROM"))
	wantStatus(t, err, cim.StatusInvalidQuery)
	_, err = c.CreateInstance(t.Context(), interop, newFilter("f", "SELECT * FROM"))
	wantStatus(t, err, cim.StatusInvalidNamespace)
}

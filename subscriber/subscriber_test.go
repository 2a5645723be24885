package subscriber_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/subscriber"
)

const (
	alerts   = "SELECT * FROM CIM_AlertIndication"
	changes  = "SELECT * FROM CIM_InstModification"
	listener = "http://10.0.0.1:5990/a1"
	other    = "http://10.0.0.1:5990/b2"
)

func declare(name string, filters ...subscriber.Filter) subscriber.Declaration {
	return subscriber.Declaration{Name: name, Filters: filters}
}

func filter(query, destination string) subscriber.Filter {
	return subscriber.Filter{Query: query, Destination: destination}
}

// reconcile reconciles without an error and returns the report and the changes made.
func reconcile(t *testing.T, s *server, d subscriber.Declaration) (subscriber.Report, []string) {
	t.Helper()
	s.calls = nil
	report, err := subscriber.New(s, nil).Reconcile(t.Context(), d)
	if err != nil {
		t.Fatalf("Reconcile: %v", err)
	}
	return report, s.changes()
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestReconcileCreates(t *testing.T) {
	s := newServer()
	report, made := reconcile(t, s, declare("ops", filter(alerts, listener), filter(changes, other)))
	wantEqual(t, "changes", made, []string{
		"create filter " + alerts, "create handler " + listener, "create subscription",
		"create filter " + changes, "create handler " + other, "create subscription",
	})
	if len(report.Created) != 2 || len(report.Kept) != 0 || len(report.Removed) != 0 || report.Interop != "root/interop" {
		t.Errorf("report = %+v", report)
	}
}

// The instances hold all that the strictest server observed asks for. The names must stay
// what they are, or a new version would not know what an earlier one made.
func TestReconcileInstances(t *testing.T) {
	s := newServer()
	reconcile(t, s, declare("ops", subscriber.Filter{
		Query: alerts, Language: "DMTF:CQL", SourceNamespaces: []string{"/root/cimv2/", "root/hpq"}, Destination: listener,
	}))
	got := []string{s.one("CIM_IndicationFilter").String(), s.one("CIM_ListenerDestination").String(), s.one("CIM_IndicationSubscription").String()}
	wantEqual(t, "instances", got, []string{
		`instance of CIM_IndicationFilter {SystemCreationClassName = CIM_ComputerSystem; SystemName = esx1; ` +
			`CreationClassName = CIM_IndicationFilter; Name = cimwatch:ops:dc24e7c13c07eaff; Query = SELECT * FROM CIM_AlertIndication; ` +
			`QueryLanguage = DMTF:CQL; SourceNamespace = root/cimv2; SourceNamespaces = {root/cimv2, root/hpq}}`,
		`instance of CIM_IndicationHandlerCIMXML {SystemCreationClassName = CIM_ComputerSystem; SystemName = esx1; ` +
			`CreationClassName = CIM_IndicationHandlerCIMXML; Name = cimwatch:ops:a40d39b0a441bfbf; Protocol = 2; PersistenceType = 2; ` +
			`Destination = http://10.0.0.1:5990/a1}`,
		`instance of CIM_IndicationSubscription {` +
			`Filter = root/interop:CIM_IndicationFilter.SystemCreationClassName="CIM_ComputerSystem",SystemName="esx1",` +
			`CreationClassName="CIM_IndicationFilter",Name="cimwatch:ops:dc24e7c13c07eaff"; ` +
			`Handler = root/interop:CIM_IndicationHandlerCIMXML.SystemCreationClassName="CIM_ComputerSystem",SystemName="esx1",` +
			`CreationClassName="CIM_IndicationHandlerCIMXML",Name="cimwatch:ops:a40d39b0a441bfbf"}`,
	})
}

func TestReconcileKeeps(t *testing.T) {
	s := newServer()
	d := declare("ops", filter(alerts, listener), filter(changes, other), filter(" "+alerts+"\n", listener))
	reconcile(t, s, d)
	report, made := reconcile(t, s, d)
	wantEqual(t, "changes", made, []string(nil))
	if len(report.Kept) != 2 || len(report.Created) != 0 {
		t.Errorf("report = %+v, want two kept", report)
	}
}

func TestReconcileReplaces(t *testing.T) {
	tests := []struct {
		name    string
		disturb func(s *server)
		next    subscriber.Declaration
		want    []string
	}{
		{"another destination", nil, declare("ops", filter(alerts, other)), []string{
			"create handler " + other, "create subscription", "delete subscription", "delete handler " + listener,
		}},
		{"another query", nil, declare("ops", filter(changes, listener)), []string{
			"create filter " + changes, "create subscription", "delete subscription", "delete filter " + alerts,
		}},
		{"another language", nil, declare("ops", subscriber.Filter{Query: alerts, Language: "CIM:CQL", Destination: listener}), []string{
			"create filter " + alerts, "create subscription", "delete subscription", "delete filter " + alerts,
		}},
		{"one more", nil, declare("ops", filter(alerts, listener), filter(alerts, other)), []string{
			"create handler " + other, "create subscription",
		}},
		{"nothing", nil, declare("ops"), []string{
			"delete subscription", "delete filter " + alerts, "delete handler " + listener,
		}},
		{"subscription gone", func(s *server) { s.remove(s.one("CIM_IndicationSubscription")) },
			declare("ops", filter(alerts, listener)), []string{"create subscription"}},
		{"subscription disabled", func(s *server) {
			s.one("CIM_IndicationSubscription").Set("SubscriptionState", cim.Uint16(4))
		}, declare("ops", filter(alerts, listener)), []string{"delete subscription", "create subscription"}},
		{"subscription degraded", func(s *server) {
			s.one("CIM_IndicationSubscription").Set("SubscriptionState", cim.Uint16(3))
		}, declare("ops", filter(alerts, listener)), nil},
		{"filter gone", func(s *server) { s.remove(s.one("CIM_IndicationFilter")) },
			declare("ops", filter(alerts, listener)), []string{
				"delete subscription", "create filter " + alerts, "create subscription",
			}},
		{"filter changed", func(s *server) { s.one("CIM_IndicationFilter").Set("Query", cim.String(changes)) },
			declare("ops", filter(alerts, listener)), []string{
				"delete subscription", "delete filter " + changes, "create filter " + alerts, "create subscription",
			}},
		{"namespaces changed", func(s *server) {
			s.one("CIM_IndicationFilter").Set("SourceNamespaces", cim.Strings("root/interop"))
		}, declare("ops", filter(alerts, listener)), []string{
			"delete subscription", "delete filter " + alerts, "create filter " + alerts, "create subscription",
		}},
		{"destination changed", func(s *server) { s.one("CIM_ListenerDestination").Set("Destination", cim.String(other)) },
			declare("ops", filter(alerts, listener)), []string{
				"delete subscription", "delete handler " + other, "create handler " + listener, "create subscription",
			}},
		{"query spaced by the server", func(s *server) {
			s.one("CIM_IndicationFilter").Set("Query", cim.String("SELECT *  FROM\nCIM_AlertIndication"))
		}, declare("ops", filter(alerts, listener)), nil},
		{"only what older servers tell", func(s *server) {
			s.one("CIM_IndicationFilter").Set("SourceNamespaces", cim.NullArray(cim.TypeString))
			s.one("CIM_IndicationFilter").Set("QueryLanguage", cim.Null(cim.TypeString))
			s.one("CIM_IndicationSubscription").Set("SubscriptionState", cim.Null(cim.TypeUint16))
		}, declare("ops", filter(alerts, listener)), nil},
		{"old namespace changed", func(s *server) {
			s.one("CIM_IndicationFilter").Set("SourceNamespaces", cim.NullArray(cim.TypeString))
			s.one("CIM_IndicationFilter").Set("SourceNamespace", cim.String("root/interop"))
		}, declare("ops", filter(alerts, listener)), []string{
			"delete subscription", "delete filter " + alerts, "create filter " + alerts, "create subscription",
		}},
		{"references with other names and keys", func(s *server) { s.style = foldedWithMoreKeys },
			declare("ops", filter(alerts, listener)), nil},
		{"handler twice", func(s *server) {
			twin := s.one("CIM_ListenerDestination").Clone()
			twin.Class = "CIM_ListenerDestinationCIMXML"
			twin.Path.Class = twin.Class
			s.instances = append(s.instances, twin)
		}, declare("ops", filter(alerts, listener)), []string{"delete CIM_ListenerDestinationCIMXML " + listener}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer()
			reconcile(t, s, declare("ops", filter(alerts, listener)))
			if tt.disturb != nil {
				tt.disturb(s)
			}
			_, made := reconcile(t, s, tt.next)
			wantEqual(t, "changes", made, tt.want)
			if _, made := reconcile(t, s, tt.next); made != nil {
				t.Errorf("the next run changes again: %q", made)
			}
		})
	}
}

// foldedWithMoreKeys writes a reference as sfcb does in some answers, and with a key that
// no schema knows.
func foldedWithMoreKeys(p cim.ObjectPath) cim.ObjectPath {
	keys := []cim.Key{{Name: "InstanceID", Value: cim.String("7")}}
	for _, k := range p.Keys {
		keys = append(keys, cim.Key{Name: strings.ToLower(k.Name), Value: k.Value})
	}
	p.Class, p.Keys, p.Host = strings.ToLower(p.Class), keys, "vm"
	return p
}

func TestReconcileLeavesOthersAlone(t *testing.T) {
	s := newServer()
	reconcile(t, s, declare("ops", filter(alerts, listener)))
	reconcile(t, s, declare("ops2", filter(alerts, listener)))
	foreign := s.one("CIM_ObjectManager")
	_, made := reconcile(t, s, declare("ops"))
	wantEqual(t, "changes", made, []string{"delete subscription", "delete filter " + alerts, "delete handler " + listener})
	_, made = reconcile(t, s, declare("ops2", filter(alerts, listener)))
	wantEqual(t, "changes", made, []string(nil))
	if s.find(foreign.Path) < 0 {
		t.Error("the object manager is gone")
	}
}

func TestReconcileTakesBack(t *testing.T) {
	s := newServer()
	d := declare("ops", filter("SELECT * FROM CIM_Nothing", listener), filter(alerts, listener),
		filter("nonsense", other), subscriber.Filter{Query: alerts, Language: "SQL", Destination: other})
	report, err := subscriber.New(s, nil).Reconcile(t.Context(), d)
	for _, status := range []cim.Status{cim.StatusNotSupported, cim.StatusInvalidQuery, cim.StatusQueryLanguageNotSupported} {
		if !errors.Is(err, status) {
			t.Errorf("the error has no %q: %v", status, err)
		}
	}
	wantEqual(t, "error", strings.Split(err.Error(), "\n"), []string{
		`subscribe to "SELECT * FROM CIM_Nothing": create subscription: not supported (CIM status 7): no provider for CIM_Nothing`,
		`subscribe to "nonsense": create filter: invalid query (CIM status 15): syntax error`,
		`subscribe to "SELECT * FROM CIM_AlertIndication": create filter: query language not supported (CIM status 14)`,
	})
	if len(report.Created) != 1 {
		t.Errorf("report = %+v, want one created", report)
	}
	wantEqual(t, "filters", s.of("CIM_IndicationFilter"), []string{"filter " + alerts})
	wantEqual(t, "handlers", s.of("CIM_ListenerDestination"), []string{"handler " + listener})
}

// Another run of the same name, at the same time, is first everywhere.
func TestReconcileCollides(t *testing.T) {
	s := newServer()
	d := declare("ops", filter(alerts, listener))
	s.fault = func(call string) error {
		if strings.HasPrefix(call, "create") {
			s.fault = nil
			if _, err := subscriber.New(s, nil).Reconcile(t.Context(), d); err != nil {
				t.Errorf("the other run: %v", err)
			}
		}
		return nil
	}
	report, err := subscriber.New(s, nil).Reconcile(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Kept) != 1 || len(report.Created) != 0 || len(s.of("CIM_IndicationSubscription")) != 1 {
		t.Errorf("report = %+v, subscriptions %q, want one kept", report, s.of("CIM_IndicationSubscription"))
	}
}

func TestReconcileWithoutHandlerClass(t *testing.T) {
	s := newServer()
	delete(s.parents, "cim_indicationhandlercimxml")
	delete(s.parents, "cim_indicationhandler")
	d := declare("ops", filter(alerts, listener))
	reconcile(t, s, d)
	wantEqual(t, "handlers", s.of("CIM_ListenerDestination"), []string{"CIM_ListenerDestinationCIMXML " + listener})
	if _, made := reconcile(t, s, d); made != nil {
		t.Errorf("the next run changes again: %q", made)
	}

	delete(s.parents, "cim_listenerdestinationcimxml")
	_, err := subscriber.New(s, nil).Reconcile(t.Context(), declare("ops", filter(alerts, other)))
	if !errors.Is(err, cim.StatusInvalidClass) {
		t.Errorf("no handler class at all: %v, want invalid class", err)
	}
}

func TestReconcileSystemName(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(s *server)
		want    string
	}{
		{"told", func(*server) {}, "esx1"},
		{"no class", func(s *server) { delete(s.parents, "cim_objectmanager") }, "cimwatch"},
		{"no instance", func(s *server) { s.remove(s.one("CIM_ObjectManager")) }, "cimwatch"},
		{"no name", func(s *server) { s.one("CIM_ObjectManager").Set("SystemName", cim.Null(cim.TypeString)) }, "cimwatch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer()
			tt.prepare(s)
			d := declare("ops", filter(alerts, listener))
			reconcile(t, s, d)
			if got := s.one("CIM_IndicationFilter").Text("SystemName"); got != tt.want {
				t.Errorf("SystemName = %q, want %q", got, tt.want)
			}
			s.instances = append(newServer().instances, s.instances...)
			s.parents["cim_objectmanager"] = ""
			if _, made := reconcile(t, s, d); made != nil {
				t.Errorf("a server that tells its name now makes for changes: %q", made)
			}
		})
	}
}

// A server that does not answer is not asked again.
func TestReconcileStopsWithoutAnswer(t *testing.T) {
	d := declare("ops", filter(alerts, listener), filter(changes, other))
	for _, at := range []string{"?class", "?instances CIM_IndicationSub", "?instances CIM_IndicationF", "?instances CIM_L",
		"?instances CIM_O", "create filter", "create handler", "create sub", "delete sub", "delete filter", "delete handler"} {
		t.Run(at, func(t *testing.T) {
			s := newServer()
			if strings.HasPrefix(at, "delete") {
				reconcile(t, s, declare("ops", filter("SELECT * FROM OMC_IpmiAlertIndication", "http://old:1/")))
				s.calls = nil
			}
			broken := errors.New("connection refused")
			s.fault = func(call string) error {
				if strings.HasPrefix(call, at) {
					return broken
				}
				return nil
			}
			_, err := subscriber.New(s, nil).Reconcile(t.Context(), d)
			if !errors.Is(err, broken) {
				t.Fatalf("error = %v, want the cause in it", err)
			}
			if last := s.calls[len(s.calls)-1]; !strings.HasPrefix(last, at) {
				t.Errorf("went on with %q", last)
			}
		})
	}
}

func TestReconcileProgress(t *testing.T) {
	s := newServer()
	var steps []string
	o := &subscriber.Options{Progress: func(step subscriber.Step) {
		steps = append(steps, strings.TrimSpace(step.Action+" "+step.Object))
	}}
	for range 2 {
		if _, err := subscriber.New(s, o).Reconcile(t.Context(), declare("ops", filter(alerts, listener))); err != nil {
			t.Fatal(err)
		}
	}
	wantEqual(t, "steps", steps, []string{
		"Finding interop namespace", "Cleaning up old registrations ops",
		"Creating filter " + alerts, "Creating handler http://10.0.0.1:5990", "Creating subscription " + alerts,
		"Finding interop namespace", "Cleaning up old registrations ops", "Keeping subscription " + alerts,
	})
}

func TestRemove(t *testing.T) {
	s := newServer()
	reconcile(t, s, declare("ops", filter(alerts, listener), filter(changes, other)))
	reconcile(t, s, declare("lab", filter(alerts, listener)))
	s.calls = nil
	report, err := subscriber.New(s, nil).Remove(t.Context(), "ops")
	if err != nil || len(report.Removed) != 6 {
		t.Fatalf("Remove = %+v, %v, want six removed", report, err)
	}
	wantEqual(t, "changes", s.changes(), []string{
		"delete subscription", "delete subscription", "delete filter " + alerts, "delete filter " + changes,
		"delete handler " + listener, "delete handler " + other,
	})
	wantEqual(t, "filters left", s.of("CIM_IndicationFilter"), []string{"filter " + alerts})
	if report, err = subscriber.New(s, nil).Remove(t.Context(), "ops"); err != nil || len(report.Removed) != 0 {
		t.Errorf("Remove again = %+v, %v, want nothing to do", report, err)
	}
	if _, err = subscriber.New(s, nil).Remove(t.Context(), ""); err == nil {
		t.Error("Remove of no name: no error")
	}
}

// What is gone by the time it is deleted is no error; a refusal does not stop the rest.
func TestRemoveGoesOn(t *testing.T) {
	s := newServer()
	reconcile(t, s, declare("ops", filter(alerts, listener), filter(changes, other)))
	gone := false
	s.fault = func(call string) error {
		switch {
		case call == "delete subscription" && !gone:
			gone = true
			return cim.Errorf(cim.StatusNotFound, "Instance not found")
		case call == "delete handler "+other:
			return cim.Errorf(cim.StatusAccessDenied, "no")
		default:
			return nil
		}
	}
	s.calls = nil
	report, err := subscriber.New(s, nil).Remove(t.Context(), "ops")
	if !errors.Is(err, cim.StatusFailed) || !errors.Is(err, cim.StatusAccessDenied) || errors.Is(err, cim.StatusNotFound) {
		t.Errorf("error = %v, want two in use and one denied, none not found", err)
	}
	wantEqual(t, "changes", s.changes(), []string{
		"delete subscription", "delete subscription", "delete filter " + alerts, "delete filter " + changes,
		"delete handler " + listener, "delete handler " + other,
	})
	if len(report.Removed) != 2 {
		t.Errorf("report = %+v, want two removed", report)
	}
}

func TestFindInterop(t *testing.T) {
	tests := []struct {
		name    string
		interop string
		missing string
		fault   error
		want    string
		err     error
	}{
		{name: "most servers", interop: "root/interop", want: "root/interop"},
		{name: "short", interop: "interop", want: "interop"},
		{name: "OpenPegasus", interop: "root/PG_InterOp", want: "root/PG_InterOp"},
		{name: "old", interop: "root", want: "root"},
		{name: "none", interop: "root/other", err: subscriber.ErrNoInterop},
		{name: "no filters there", interop: "root/interop", missing: "cim_indicationfilter", err: subscriber.ErrNoInterop},
		{name: "denied", interop: "root/interop", fault: cim.Errorf(cim.StatusAccessDenied, ""), err: cim.StatusAccessDenied},
		{name: "cut", interop: "root/interop", fault: context.DeadlineExceeded, err: context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer()
			s.interop = tt.interop
			delete(s.parents, tt.missing)
			s.fault = func(string) error { return tt.fault }
			got, err := subscriber.New(s, nil).FindInterop(t.Context())
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("FindInterop() = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
	s := newServer()
	got, err := subscriber.New(s, &subscriber.Options{Interop: "/root/mine/"}).FindInterop(t.Context())
	if got != "root/mine" || err != nil || len(s.calls) != 0 {
		t.Errorf("with the option: %q, %v after %q, want root/mine without a call", got, err, s.calls)
	}
}

func TestList(t *testing.T) {
	s := newServer()
	reconcile(t, s, declare("ops", filter(alerts, listener)))
	s.one("CIM_IndicationSubscription").Set("SubscriptionState", cim.Uint16(4))
	foreignFilter := cim.NewInstance("CIM_IndicationFilter", cim.Prop("Query", cim.String(changes)),
		cim.Prop("SourceNamespace", cim.String("root/cimv2")))
	foreignFilter.Path = cim.InstancePath("root/interop", "CIM_IndicationFilter", cim.Key{Name: "Name", Value: cim.String("F1")})
	gone := cim.InstancePath("root/interop", "CIM_IndicationHandlerCIMXML", cim.Key{Name: "Name", Value: cim.String("H1")})
	foreign := cim.NewInstance("CIM_IndicationSubscription") // its references stand in the path only
	foreign.Path = cim.InstancePath("root/interop", "CIM_IndicationSubscription",
		cim.Key{Name: "filter", Value: cim.Reference(foreignFilter.Path)}, cim.Key{Name: "handler", Value: cim.Reference(gone)})
	s.instances = append(s.instances, foreignFilter, foreign)

	list, err := subscriber.New(s, nil).List(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("List() = %+v, %v, want two", list, err)
	}
	if !list[1].Path.Equal(foreign.Path) {
		t.Errorf("path = %s, want %s", list[1].Path, foreign.Path)
	}
	list[0].Path, list[1].Path = cim.ObjectPath{}, cim.ObjectPath{}
	names := [2]string{list[0].FilterName, list[0].HandlerName}
	list[0].FilterName, list[0].HandlerName = "", ""
	wantEqual(t, "list", list, []subscriber.Subscription{
		{
			Owner: "ops", Query: alerts, Language: "WQL", SourceNamespaces: []string{"root/cimv2"},
			Destination: listener, State: subscriber.StateDisabled,
		},
		{FilterName: "F1", HandlerName: "H1", Query: changes, SourceNamespaces: []string{"root/cimv2"}},
	})
	for _, name := range names {
		if !strings.HasPrefix(name, "cimwatch:ops:") {
			t.Errorf("name %q, want it to begin with cimwatch:ops:", name)
		}
	}
}

func TestState(t *testing.T) {
	for state, want := range map[subscriber.State]string{
		0: "unknown", 1: "other", subscriber.StateEnabled: "enabled", 3: "degraded", subscriber.StateDisabled: "disabled", 32768: "state 32768",
	} {
		if got := state.String(); got != want {
			t.Errorf("State(%d) = %q, want %q", state, got, want)
		}
	}
}

// What works is not given up for something that the server refuses whole, such as a class
// with a typing error.
func TestReconcileKeepsWhatWorks(t *testing.T) {
	s := newServer()
	reconcile(t, s, declare("ops", filter(alerts, listener)))
	before := len(s.instances)
	sub := subscriber.New(s, nil)
	report, err := sub.Reconcile(t.Context(), declare("ops", filter("SELECT * FROM CIM_NoSuchIndication", other)))
	if !errors.Is(err, cim.StatusNotSupported) {
		t.Fatalf("error is %v, want a refusal", err)
	}
	if len(s.instances) != before || len(report.Removed) != 0 {
		t.Errorf("%d objects became %d, %d reported as removed", before, len(s.instances), len(report.Removed))
	}
	_, made := reconcile(t, s, declare("ops", filter(alerts, listener)))
	if made != nil {
		t.Errorf("what worked had to be mended: %q", made)
	}
}

package subscriber_test

import (
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/subscriber"
)

// A server may write what it was told in its own way. Where that means the same nothing is
// made anew; where it does not, a Subscriber learns it once.
func TestServerRewrites(t *testing.T) {
	namespaces := func(names ...string) func(*cim.Instance) {
		return func(i *cim.Instance) {
			if i.Class == "CIM_IndicationFilter" {
				i.Set("SourceNamespaces", cim.Strings(names...))
			}
		}
	}
	tests := []struct {
		name    string
		rewrite func(*cim.Instance)
		again   bool // a Subscriber that was not there makes them anew, once
	}{
		{"case, order and slashes", namespaces("/ROOT/hpq/", "Root/CIMv2"), false},
		{"twice", namespaces("root/hpq", "root/cimv2", "root/hpq"), false},
		{"with the host", namespaces("//esx1/root/cimv2", "https://esx1:5989/root/hpq"), false},
		{"backslashes", namespaces(`root\cimv2`, `\\esx1\root\hpq`), false},
		{"more of them", namespaces("root/hpq", "root/cimv2", "root/interop"), false},
		{"fewer of them", namespaces("root/hpq"), true},
		{"others", namespaces("root/interop"), true},
		{"another query", func(i *cim.Instance) {
			if i.Class == "CIM_IndicationFilter" {
				i.Set("Query", cim.String("select * from cim_alertindication"))
			}
		}, true},
		{"another destination", func(i *cim.Instance) {
			if i.Class == "CIM_IndicationHandlerCIMXML" {
				i.Set("Destination", cim.String(listener+"/"))
			}
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer()
			s.rewrite = tt.rewrite
			d := declare("ops", subscriber.Filter{
				Query: alerts, SourceNamespaces: []string{"root/cimv2", "root/hpq"}, Destination: listener,
			})
			sub := subscriber.New(s, nil)
			again(t, s, sub, d)
			for range 2 {
				if _, made := again(t, s, sub, d); made != nil {
					t.Errorf("a later run changes: %q", made)
				}
			}
			if _, made := reconcile(t, s, d); (made != nil) != tt.again {
				t.Errorf("a Subscriber that knows nothing changes: %q", made)
			}
		})
	}
}

// What a Subscriber learnt of its server does not cover what others change later.
func TestServerRewritesAndOthersToo(t *testing.T) {
	s := newServer()
	s.rewrite = func(i *cim.Instance) {
		if i.Class == "CIM_IndicationFilter" {
			i.Set("SourceNamespaces", cim.Strings("root/own"))
		}
	}
	d := declare("ops", filter(alerts, listener))
	sub := subscriber.New(s, nil)
	again(t, s, sub, d)
	s.one("CIM_IndicationFilter").Set("SourceNamespaces", cim.Strings("root/theirs"))
	_, made := again(t, s, sub, d)
	wantEqual(t, "changes", made, []string{
		"delete subscription", "delete filter " + alerts, "create filter " + alerts, "create subscription",
	})
	if _, made := again(t, s, sub, d); made != nil {
		t.Errorf("the next run changes again: %q", made)
	}
}

package simulator

import (
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// subscription is a CIM_IndicationSubscription as it works.
type subscription struct {
	path        cim.ObjectPath
	filter      *filter
	destination *destination
	enabled     bool
	failing     time.Time // since when deliveries fail, zero when they do not; only for the destination's worker
}

type subscriptionRules struct{}

// The values of CIM_IndicationSubscription.SubscriptionState that matter here.
const (
	subscriptionEnabled  = 2
	subscriptionDisabled = 4
)

func (subscriptionRules) prepare(s *Server, i *cim.Instance) error {
	for _, end := range []string{"Filter", "Handler"} {
		if i.Get(end).IsNull() {
			return cim.Errorf(cim.StatusFailed, "Invalid Subscription %s", end)
		}
	}
	setDefault(i, "SubscriptionState", cim.Uint16(subscriptionEnabled))
	setDefault(i, "SubscriptionStartTime", cim.Timestamp(s.opts.Now()).Value())
	return nil
}

func (subscriptionRules) created(s *Server, i *cim.Instance) error {
	f := s.indications.filters[canonicalReference(i.Get("Filter"))]
	if f == nil {
		return cim.Errorf(cim.StatusNotFound, "Invalid Subscription Filter")
	}
	d := s.indications.destinations[canonicalReference(i.Get("Handler"))]
	if d == nil {
		return cim.Errorf(cim.StatusNotFound, "Invalid Subscription Handler")
	}
	known := slices.ContainsFunc(f.namespaces, func(name string) bool {
		_, err := s.repository.namespace(name)
		return err == nil
	})
	if !known || !s.schema.IsA(f.query.Class(), indicationClass) {
		return cim.Errorf(cim.StatusNotSupported, "No supported indication classes in filter query or no provider found")
	}
	s.indications.subscriptions = append(s.indications.subscriptions, &subscription{
		path: i.Path, filter: f, destination: d, enabled: enabled(i),
	})
	return nil
}

func canonicalReference(v cim.Value) string {
	p, _ := v.Reference()
	return p.Canonical()
}

func enabled(i *cim.Instance) bool {
	state, ok := i.Get("SubscriptionState").Uint64()
	return !ok || state != subscriptionDisabled
}

func (subscriptionRules) modified(s *Server, i *cim.Instance) error {
	for _, sub := range s.indications.subscriptions {
		if sub.path.Equal(i.Path) && sub.enabled != enabled(i) {
			sub.enabled = enabled(i)
			if p := i.Property("TimeOfLastStateChange"); p != nil {
				p.Value = cim.Timestamp(s.opts.Now()).Value()
			}
		}
	}
	return nil
}

func (subscriptionRules) deleted(s *Server, i *cim.Instance) error {
	s.indications.subscriptions = slices.DeleteFunc(s.indications.subscriptions, func(sub *subscription) bool {
		return sub.path.Equal(i.Path)
	})
	return nil
}

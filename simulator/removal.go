package simulator

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// The values of CIM_IndicationService.SubscriptionRemovalAction that matter here.
const (
	actionRemove  = 2
	actionDisable = 3
)

// judgeSubscription takes note of an attempt to deliver, and ends a subscription that
// has failed for too long.
func (s *Server) judgeSubscription(sub *subscription, delivered bool) {
	now := s.opts.Now()
	switch {
	case delivered:
		sub.failing = time.Time{}
		return
	case sub.failing.IsZero():
		sub.failing = now
	}
	failing := now.Sub(sub.failing)
	if isOver(failing, s.opts.RemoveAfter) {
		s.endSubscription(sub, actionRemove)
	} else if isOver(failing, s.opts.DisableAfter) {
		sub.failing = time.Time{} // a client may enable it again
		s.endSubscription(sub, actionDisable)
	}
}

// isOver reports whether a time has passed a limit, which is none when it is 0.
func isOver(passed, limit time.Duration) bool { return limit > 0 && passed >= limit }

// endSubscription deletes or disables a subscription, unless a client was faster.
func (s *Server) endSubscription(sub *subscription, action uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.repository.get(sub.path)
	if i == nil || !slices.Contains(s.indications.subscriptions, sub) {
		return
	}
	var rules subscriptionRules
	if action == actionRemove {
		if rules.deleted(s, i) == nil {
			s.repository.remove(i.Path)
		}
		return
	}
	i = i.Clone()
	if p := i.Property("SubscriptionState"); p != nil {
		p.Value = cim.Uint16(subscriptionDisabled)
	}
	if rules.modified(s, i) == nil {
		s.repository.put(i)
	}
}

// showRemoval has the instances of CIM_IndicationService tell what becomes of
// subscriptions that fail, where the options say so.
func (s *Server) showRemoval() error {
	action, after := uint16(actionRemove), s.opts.RemoveAfter
	if after == 0 {
		action, after = actionDisable, s.opts.DisableAfter
	}
	if after == 0 {
		return nil
	}
	for _, i := range s.model.Instances() {
		if !s.schema.IsA(i.Class, indicationServiceClass) {
			continue
		}
		if _, _, err := s.Update(i.Path,
			cim.Prop("SubscriptionRemovalAction", cim.Uint16(action)),
			cim.Prop("SubscriptionRemovalTimeInterval", cim.Uint32(uint32(math.Ceil(after.Seconds()))))); err != nil {
			return fmt.Errorf("instance %s: %w", i.Path, err)
		}
	}
	return nil
}

package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
)

// Fire sends an indication to every subscription whose filter lets it through, and
// returns to how many. It does not wait for the deliveries; see [Server.Flush].
//
// The indication comes from i.Path.Namespace, root/cimv2 when that is empty. Properties
// that i leaves out get their default, IndicationTime the time; each subscription's copy
// gets IndicationFilterName, SequenceContext and SequenceNumber. The error is a
// [cim.Error] when i does not fit the schema or the server is closed.
func (s *Server) Fire(ctx context.Context, i *cim.Instance) (int, error) {
	class, err := s.class(i.Class)
	if err != nil {
		return 0, err
	}
	if !s.schema.IsA(class.Name, indicationClass) {
		return 0, cim.Errorf(cim.StatusInvalidParameter, "%s is no indication", class.Name)
	}
	from := i.Path.In(defaultNamespace).Namespace
	whole, err := s.complete(class, i, from)
	if err != nil {
		return 0, err
	}
	setDefault(whole, "IndicationTime", cim.Timestamp(s.opts.Now()).Value())

	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, cim.Errorf(cim.StatusServerIsShuttingDown, "The server is shutting down")
	}
	sent := 0
	for _, sub := range s.indications.subscriptions {
		if sub.enabled && sub.filter.hears(from) && sub.filter.query.Match(whole, s.schema.IsA) {
			sub.destination.send(ctx, sub, whole)
			sent++
		}
	}
	return sent, nil
}

// announce fires what tells of a change that a client made. A model without the class
// of indication has nobody who could have subscribed to it.
func (s *Server) announce(ctx context.Context, i *cim.Instance) {
	if _, err := s.Fire(ctx, i); err != nil {
		s.logger.DebugContext(ctx, "no indication of a change", "class", i.Class, "error", err)
	}
}

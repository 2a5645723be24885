package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// setProperty gives a property the value of NewValue, which carries no type, or NULL
// when it is missing.
func (s *Server) setProperty(ctx context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	i, p, err := s.requestedProperty(req)
	if err != nil {
		return nil, err
	}
	v, err := s.read(p.Value, req.Param("NewValue"), req.Namespace)
	if err != nil {
		return nil, cim.Errorf(cim.StatusTypeMismatch, "%s.%s: %s", i.Class, p.Name, description(err))
	}
	before, after, err := s.Update(i.Path, cim.Prop(p.Name, v))
	if err != nil {
		return nil, err
	}
	if s.opts.Lifecycle && !s.isInterop(i.Path.Namespace) {
		s.announce(ctx, Modification(before, after))
	}
	return &cimxml.Response{}, nil
}

package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// setProperty gives a property the value of NewValue, which carries no type, or NULL
// when it is missing.
func (s *Server) setProperty(ctx context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	path, err := s.instanceName(req, "InstanceName")
	if err != nil {
		return nil, err
	}
	i, err := s.Instance(path)
	if err != nil {
		return nil, err
	}
	p, err := propertyOf(i, req)
	if err != nil {
		return nil, err
	}
	v, err := s.read(p.Value, req.Param("NewValue"), req.Namespace)
	if err != nil {
		return nil, cim.Errorf(cim.StatusTypeMismatch, "%s.%s: %s", i.Class, p.Name, description(err))
	}
	before, after, err := s.Update(path, cim.Prop(p.Name, v))
	if err != nil {
		return nil, err
	}
	if s.opts.Lifecycle && !s.isInterop(path.Namespace) {
		s.announce(ctx, Modification(before, after))
	}
	return &cimxml.Response{}, nil
}

package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) enumerateInstanceNames(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	name, err := required(req, "ClassName")
	if err != nil {
		return nil, err
	}
	found, err := s.instancesOf(req.Namespace, name.Class)
	if err != nil {
		return nil, err
	}
	return paths(cimxml.FormName, func(yield func(cim.ObjectPath) bool) {
		for i := range all(found) {
			if !yield(i.Path) {
				return
			}
		}
	}), nil
}

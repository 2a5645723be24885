package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) enumerateInstances(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	name, err := required(req, "ClassName")
	if err != nil {
		return nil, err
	}
	found, err := s.instancesOf(req.Namespace, name.Class)
	if err != nil {
		return nil, err
	}
	o, base := readOptions(req, false, true), s.schema.Class(name.Class)
	return instances(cimxml.FormNamedInstance, all(found), func(i *cim.Instance) *cim.Instance { return s.view(i, o, base) }), nil
}

// Instances returns the instances of a class and of the classes below it, in the order
// of their creation. They are the server's own: do not change them. The error is a
// [cim.Error] of StatusInvalidNamespace or StatusInvalidClass.
func (s *Server) Instances(namespace, class string) ([]*cim.Instance, error) {
	found, err := s.instancesOf(namespace, class)
	if err != nil {
		return nil, err
	}
	return slices.Collect(all(found)), nil
}

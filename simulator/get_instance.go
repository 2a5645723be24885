package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) getInstance(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	path, err := s.instanceName(req, "InstanceName")
	if err != nil {
		return nil, err
	}
	i, err := s.Instance(path)
	if err != nil {
		return nil, err
	}
	o := readOptions(req, false, true)
	return instances(cimxml.FormObject, slices.Values([]*cim.Instance{i}), func(i *cim.Instance) *cim.Instance { return s.view(i, o, nil) }), nil
}

// Instance returns the instance at path, which must hold a namespace. It is the server's
// own: do not change it. The error is a [cim.Error] of StatusNotFound.
func (s *Server) Instance(path cim.ObjectPath) (*cim.Instance, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if i := s.repository.get(s.resolve(path, "")); i != nil {
		return i, nil
	}
	return nil, cim.Errorf(cim.StatusNotFound, notFound)
}

package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) openAssociatorInstances(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	source, err := s.filteredTargets(req)
	if err != nil {
		return nil, err
	}
	return s.openWithPaths(req, source)
}

func (s *Server) openWithPaths(req *cimxml.Request, source source) (*cimxml.Response, error) {
	o := readOptions(req, false, true)
	return s.open(req, opened{
		form: cimxml.FormInstanceWithPath, source: source,
		value: func(i *cim.Instance) cim.Value { return s.withPath(i, o, nil) },
	})
}

// filteredTargets returns the instances associated with that of a request that pass its
// filter.
func (s *Server) filteredTargets(req *cimxml.Request) (source, error) {
	t, err := s.instanceTraversal(req, false)
	if err != nil {
		return nil, err
	}
	passes, err := s.filter(req, t.resultClass)
	if err != nil {
		return nil, err
	}
	return onlyThose(s.targets(t), passes), nil
}

func onlyThose(found []*cim.Instance, passes func(*cim.Instance) bool) source {
	rest := held(slices.DeleteFunc(found, func(i *cim.Instance) bool { return !passes(i) }))
	return &rest
}

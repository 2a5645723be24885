package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) openReferenceInstances(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	source, err := s.filteredLinks(req)
	if err != nil {
		return nil, err
	}
	return s.openWithPaths(req, source)
}

// filteredLinks returns the associations that refer to the instance of a request and pass
// its filter.
func (s *Server) filteredLinks(req *cimxml.Request) (source, error) {
	t, err := s.instanceTraversal(req, true)
	if err != nil {
		return nil, err
	}
	passes, err := s.filter(req, t.assocClass)
	if err != nil {
		return nil, err
	}
	return onlyThose(s.links(t), passes), nil
}

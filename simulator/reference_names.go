package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) referenceNames(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	t, err := s.traversal(req, "ObjectName", true)
	if err != nil {
		return nil, err
	}
	if !t.source.IsInstance() {
		return s.fullClassPaths(req, s.classLinks(t)), nil
	}
	return s.fullPaths(s.links(t)), nil
}

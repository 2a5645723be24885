package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) references(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	t, err := s.traversal(req, "ObjectName", true)
	if err != nil {
		return nil, err
	}
	if !t.source.IsInstance() {
		return s.classesWithPaths(req, s.classLinks(t)), nil
	}
	return s.withPaths(req, s.links(t)), nil
}

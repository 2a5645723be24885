package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) associators(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	t, err := s.traversal(req, "ObjectName", false)
	if err != nil {
		return nil, err
	}
	if !t.source.IsInstance() {
		return s.classesWithPaths(req, s.classTargets(t)), nil
	}
	return s.withPaths(req, s.targets(t)), nil
}

package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) associatorNames(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	t, err := s.traversal(req, "ObjectName", false)
	if err != nil {
		return nil, err
	}
	if !t.source.IsInstance() {
		return s.fullClassPaths(req, s.classTargets(t)), nil
	}
	return s.fullPaths(s.targets(t)), nil
}

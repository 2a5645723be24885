package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) associators(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	t, err := s.instanceTraversal(req, "ObjectName", false)
	if err != nil {
		return nil, err
	}
	return s.withPaths(req, s.targets(t)), nil
}

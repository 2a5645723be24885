package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) referenceNames(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	t, err := s.instanceTraversal(req, "ObjectName", true)
	if err != nil {
		return nil, err
	}
	return s.fullPaths(s.links(t)), nil
}

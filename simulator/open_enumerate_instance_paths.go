package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) openEnumerateInstancePaths(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	source, _, err := s.filteredClass(req)
	if err != nil {
		return nil, err
	}
	return s.open(req, opened{form: cimxml.FormInstancePath, source: source, value: s.fullPath})
}

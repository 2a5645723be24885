package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) pullInstancesWithPath(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	return s.pull(req, cimxml.FormInstanceWithPath)
}

package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

// closeEnumeration does not interrupt a Pull operation whose answer is on its way.
func (s *Server) closeEnumeration(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	if err := s.enumerations.end(req, s.opts.Now()); err != nil {
		return nil, err
	}
	return &cimxml.Response{}, nil
}

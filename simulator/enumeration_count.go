package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// enumerationCount counts what is there now; clients may add to it.
func (s *Server) enumerationCount(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	n, err := s.enumerations.count(req, s.opts.Now())
	if err != nil {
		return nil, err
	}
	return &cimxml.Response{Form: cimxml.FormValue, Result: slices.Values([]cim.Value{cim.Uint64(n)})}, nil
}

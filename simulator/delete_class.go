package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) deleteClass(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	name, err := required(req, "ClassName")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.loneClass(name.Class)
	if err != nil {
		return nil, err
	}
	s.schema.remove(c.Name)
	return &cimxml.Response{}, nil
}

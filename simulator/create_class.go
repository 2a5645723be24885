package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// createClass takes of a class what it does not inherit, so that what GetClass returned
// may be sent back.
func (s *Server) createClass(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	given, ok := req.Param("NewClass").Class()
	if !ok {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "NewClass is missing")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.schema.Class(given.Name) != nil {
		return nil, cim.Errorf(cim.StatusAlreadyExists, "There is a class %s", given.Name)
	}
	if given.SuperClass != "" && s.schema.Class(given.SuperClass) == nil {
		return nil, cim.Errorf(cim.StatusInvalidSuperClass, "There is no class %s", given.SuperClass)
	}
	return &cimxml.Response{}, s.declare(given, req.Namespace)
}

// declare adds or replaces a class. Server.mu is held.
func (s *Server) declare(given *cim.Class, namespace string) error {
	local, whole, err := s.schema.compile(given, namespace)
	if err != nil {
		return err
	}
	s.schema.set(local, whole)
	return nil
}

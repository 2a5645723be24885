package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// deleteQualifier refuses to delete a qualifier type that a class uses.
func (s *Server) deleteQualifier(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	name, err := qualifierName(req)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.schema.QualifierType(name); !ok {
		return nil, cim.Errorf(cim.StatusNotFound, notFound)
	}
	if s.schema.usesQualifier(name) {
		return nil, cim.Errorf(cim.StatusFailed, "Qualifier %s is in use", name)
	}
	s.schema.removeQualifier(name)
	return &cimxml.Response{}, nil
}

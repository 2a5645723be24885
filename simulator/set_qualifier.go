package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// setQualifier creates or replaces a qualifier type. One that a class uses keeps its
// type and its scope.
func (s *Server) setQualifier(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	q := req.Declaration
	if q == nil {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "QualifierDeclaration is missing")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.schema.compileQualifier(*q); err != nil {
		return nil, err
	}
	old, known := s.schema.QualifierType(q.Name)
	if known && !replaces(old, *q) && s.schema.usesQualifier(q.Name) {
		return nil, cim.Errorf(cim.StatusFailed, "Qualifier %s is in use and keeps its type and scope", old.Name)
	}
	s.schema.setQualifier(*q)
	return &cimxml.Response{}, nil
}

// replaces reports whether every use of one qualifier type is right with another too.
func replaces(old, q cim.QualifierType) bool {
	return old.Default.DeclaredType() == q.Default.DeclaredType() && old.Default.IsArray() == q.Default.IsArray() &&
		old.Scope&^q.Scope == 0
}

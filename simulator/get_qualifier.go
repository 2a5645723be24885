package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) getQualifier(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	name, err := qualifierName(req)
	if err != nil {
		return nil, err
	}
	q, ok := s.schema.QualifierType(name)
	if !ok {
		return nil, cim.Errorf(cim.StatusNotFound, notFound)
	}
	return declarations([]cim.QualifierType{q}), nil
}

func qualifierName(req *cimxml.Request) (string, error) {
	name, ok := req.Param("QualifierName").Text()
	if !ok {
		return "", cim.Errorf(cim.StatusInvalidParameter, "QualifierName is missing")
	}
	return name, nil
}

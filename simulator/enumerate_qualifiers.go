package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) enumerateQualifiers(context.Context, *cimxml.Request) (*cimxml.Response, error) {
	return declarations(s.schema.QualifierTypes()), nil
}

func declarations(types []cim.QualifierType) *cimxml.Response {
	resp := &cimxml.Response{Form: cimxml.FormDeclaration}
	for i := range types {
		resp.Declarations = append(resp.Declarations, &types[i])
	}
	return resp
}

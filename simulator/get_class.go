package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// getClass answers a class that is not there with StatusNotFound (observed: sfcb; all
// other operations say StatusInvalidClass).
func (s *Server) getClass(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	name, err := required(req, "ClassName")
	if err != nil {
		return nil, err
	}
	class := s.schema.Class(name.Class)
	if class == nil {
		return nil, cim.Errorf(cim.StatusNotFound, notFound)
	}
	v := viewClass(class, readOptions(req, true, true))
	return &cimxml.Response{Form: cimxml.FormObject, Result: slices.Values([]cim.Value{cim.EmbeddedClass(v)})}, nil
}

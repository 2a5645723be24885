package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) enumerateClasses(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	names, err := s.classNames(req)
	if err != nil {
		return nil, err
	}
	o := readOptions(req, true, false)
	return &cimxml.Response{Form: cimxml.FormObject, Result: func(yield func(cim.Value) bool) {
		for _, name := range names {
			if !yield(cim.EmbeddedClass(viewClass(s.schema.Class(name), o))) {
				return
			}
		}
	}}, nil
}

package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) getProperty(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	_, p, err := s.requestedProperty(req)
	if err != nil {
		return nil, err
	}
	resp := &cimxml.Response{Form: cimxml.FormValue}
	if !p.Value.IsNull() { // NULL is an answer without a value
		resp.Result = slices.Values([]cim.Value{p.Value})
	}
	return resp, nil
}

// requestedProperty returns the instance and the property of it that a request names.
func (s *Server) requestedProperty(req *cimxml.Request) (*cim.Instance, *cim.Property, error) {
	path, err := s.instanceName(req, "InstanceName")
	if err != nil {
		return nil, nil, err
	}
	i, err := s.Instance(path)
	if err != nil {
		return nil, nil, err
	}
	p, err := propertyOf(i, req)
	return i, p, err
}

// propertyOf returns the property that a request names.
func propertyOf(i *cim.Instance, req *cimxml.Request) (*cim.Property, error) {
	name, ok := req.Param("PropertyName").Text()
	if !ok {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "PropertyName is missing")
	}
	if p := i.Property(name); p != nil {
		return p, nil
	}
	return nil, cim.Errorf(cim.StatusNoSuchProperty, "%s has no property %s", i.Class, name)
}

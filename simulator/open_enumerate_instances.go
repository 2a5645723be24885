package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) openEnumerateInstances(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	source, base, err := s.filteredClass(req)
	if err != nil {
		return nil, err
	}
	o := readOptions(req, false, true)
	return s.open(req, opened{
		form: cimxml.FormInstanceWithPath, source: source,
		value: func(i *cim.Instance) cim.Value { return s.withPath(i, o, base) },
	})
}

// filteredClass returns the instances of the class of a request that pass its filter.
func (s *Server) filteredClass(req *cimxml.Request) (source, *cim.Class, error) {
	name, err := required(req, "ClassName")
	if err != nil {
		return nil, nil, err
	}
	base, err := s.class(name.Class)
	if err != nil {
		return nil, nil, err
	}
	passes, err := s.filter(req, base.Name)
	if err != nil {
		return nil, nil, err
	}
	is := s.ofClass(base.Name)
	keep := func(i *cim.Instance) bool { return is(i) && passes(i) }
	return &scan{server: s, namespace: req.Namespace, keep: keep}, base, nil
}

package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// openQueryInstances takes the whole query from the parameters that hold a filter in the
// other Open operations (DSP0200 section 5.4.2.14).
func (s *Server) openQueryInstances(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	q, err := s.query(req, "FilterQueryLanguage", "FilterQuery")
	if err != nil {
		return nil, err
	}
	o := opened{
		form: cimxml.FormObject, source: s.matching(req.Namespace, q),
		value: func(i *cim.Instance) cim.Value { return cim.EmbeddedInstance(q.Project(i)) },
	}
	if req.Flag("ReturnQueryResultClass", false) {
		class, err := s.class(q.Class())
		if err != nil {
			return nil, err
		}
		row := viewClass(class, cim.ReadOptions{Properties: q.Properties()})
		o.extra = []cim.Parameter{cim.Param("QueryResultClass", cim.EmbeddedClass(row))}
	}
	return s.open(req, o)
}

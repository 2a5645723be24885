package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/query"
)

func (s *Server) execQuery(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	q, err := s.query(req, "QueryLanguage", "Query")
	if err != nil {
		return nil, err
	}
	return instances(cimxml.FormObjectWithPath, all(s.matching(req.Namespace, q)), func(i *cim.Instance) *cim.Instance {
		row := q.Project(i)
		row.Path.Host = s.opts.HostName
		return row
	}), nil
}

// query reads a query from two parameters. A class that does not exist is of
// StatusInvalidClass (observed: sfcb).
func (s *Server) query(req *cimxml.Request, language, text string) (*query.Query, error) {
	l, ok := req.Param(language).Text()
	if !ok {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "%s is missing", language)
	}
	t, ok := req.Param(text).Text()
	if !ok {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "%s is missing", text)
	}
	q, err := query.Parse(l, t)
	if err != nil {
		return nil, err
	}
	if _, err := s.class(q.Class()); err != nil {
		return nil, err
	}
	return q, nil
}

// matching returns the instances that a query selects.
func (s *Server) matching(namespace string, q *query.Query) source {
	return &scan{server: s, namespace: namespace, keep: func(i *cim.Instance) bool { return q.Match(i, s.schema.IsA) }}
}

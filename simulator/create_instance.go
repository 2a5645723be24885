package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) createInstance(ctx context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	given, ok := req.Param("NewInstance").Instance()
	if !ok {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "NewInstance is missing")
	}
	created, err := s.create(req.Namespace, given)
	if err != nil {
		return nil, err
	}
	if s.opts.Lifecycle && !s.isInterop(req.Namespace) {
		s.announce(ctx, Creation(created))
	}
	return paths(cimxml.FormName, slices.Values([]cim.ObjectPath{created.Path})), nil
}

// Create adds an instance to a namespace, i.Path.Namespace or else root/cimv2, as
// CreateInstance of a client does, and returns it with its path. Properties that i
// leaves out get their default. No indication is sent; see [Creation]. The error is a
// [cim.Error]. Other fields of i.Path are not read.
func (s *Server) Create(i *cim.Instance) (*cim.Instance, error) {
	return s.create(i.Path.In(defaultNamespace).Namespace, i)
}

func (s *Server) create(name string, given *cim.Instance) (*cim.Instance, error) {
	class, err := s.class(given.Class)
	if err != nil {
		return nil, err
	}
	n, err := s.namespaceNamed(name)
	if err != nil {
		return nil, err
	}
	i, err := s.complete(class, given, n.name)
	if err != nil {
		return nil, err
	}
	rules := s.rulesFor(n.name, class.Name)
	if rules != nil {
		if err := rules.prepare(s, i); err != nil {
			return nil, err
		}
	} else if class.HasQualifier("Abstract") || class.HasQualifier("Indication") {
		return nil, cim.Errorf(cim.StatusNotSupported, "%s has no instances", class.Name)
	}
	if i.Path, err = pathOf(class, i, n.name); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.repository.namespace(n.name); err != nil {
		return nil, err // deleted meanwhile
	}
	if s.schema.Class(class.Name) != class {
		return nil, cim.Errorf(cim.StatusInvalidClass, "Class %s was changed or deleted meanwhile", class.Name)
	}
	if s.repository.get(i.Path) != nil {
		return nil, cim.Errorf(cim.StatusAlreadyExists, alreadyExists)
	}
	if rules != nil {
		if err := rules.created(s, i); err != nil {
			return nil, err
		}
	}
	s.repository.put(i)
	return i, nil
}

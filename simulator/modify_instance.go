package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) modifyInstance(ctx context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	given, ok := req.Param("ModifiedInstance").Instance()
	if !ok || !given.Path.IsInstance() {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "ModifiedInstance is missing or has no name")
	}
	if _, err := s.class(given.Path.Class); err != nil {
		return nil, err
	}
	path := s.resolve(given.Path.Relative(), req.Namespace)
	before, after, err := s.modify(path, given, req.Names("PropertyList"))
	if err != nil {
		return nil, err
	}
	if s.opts.Lifecycle && !s.isInterop(path.Namespace) {
		s.announce(ctx, Modification(before, after))
	}
	return &cimxml.Response{}, nil
}

// Update changes properties of the instance at path, which must hold a namespace, as
// ModifyInstance of a client does. It returns the instance as it was and as it is. No
// indication is sent; see [Modification]. The error is a [cim.Error].
func (s *Server) Update(path cim.ObjectPath, properties ...cim.Property) (before, after *cim.Instance, err error) {
	return s.modify(s.resolve(path, ""), &cim.Instance{Class: path.Class, Properties: properties}, nil)
}

// modify sets properties of the instance at a resolved path; only those that list names
// when that is not nil.
func (s *Server) modify(path cim.ObjectPath, given *cim.Instance, list []string) (before, after *cim.Instance, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.repository.get(path)
	if before == nil {
		return nil, nil, cim.Errorf(cim.StatusNotFound, notFound)
	}
	after = before.Clone()
	if err := s.assign(after, given, list, path.Namespace); err != nil {
		return nil, nil, err
	}
	if err := s.resetUnnamed(after, given, list); err != nil {
		return nil, nil, err
	}
	class, err := s.class(after.Class)
	if err != nil {
		return nil, nil, err
	}
	moved, err := pathOf(class, after, path.Namespace)
	if err != nil || !moved.Equal(path) {
		return nil, nil, cim.Errorf(cim.StatusInvalidParameter, "Keys of %s cannot be changed", path)
	}
	if rules := s.rulesFor(path.Namespace, class.Name); rules != nil {
		if err := rules.modified(s, after); err != nil {
			return nil, nil, err
		}
	}
	s.repository.put(after)
	return before, after, nil
}

// resetUnnamed gives the properties that the list names, and the given instance has not,
// their default (DSP0200 section 5.3.2.8).
func (s *Server) resetUnnamed(i, given *cim.Instance, list []string) error {
	class, err := s.class(i.Class)
	if err != nil {
		return err
	}
	for _, name := range list {
		declared := class.Property(name)
		if declared == nil {
			return cim.Errorf(cim.StatusNoSuchProperty, "%s has no property %s", class.Name, name)
		}
		if given.Property(name) == nil && !declared.IsKey() {
			i.Set(name, declared.Value)
		}
	}
	return nil
}

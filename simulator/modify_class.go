package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// modifyClass replaces the declaration of a class that nothing depends on yet: one
// without subclasses and instances.
func (s *Server) modifyClass(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	given, ok := req.Param("ModifiedClass").Class()
	if !ok {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "ModifiedClass is missing")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.loneClass(given.Name)
	if err != nil {
		return nil, err
	}
	if !cim.EqualNames(old.SuperClass, given.SuperClass) {
		return nil, cim.Errorf(cim.StatusInvalidSuperClass, "The superclass of %s cannot be changed", old.Name)
	}
	return &cimxml.Response{}, s.declare(given, req.Namespace)
}

// loneClass returns a class that has no subclasses and no instances. Server.mu is held.
func (s *Server) loneClass(name string) (*cim.Class, error) {
	c := s.schema.Class(name)
	if c == nil {
		return nil, cim.Errorf(cim.StatusNotFound, notFound)
	}
	if below := s.schema.Subclasses(name); len(below) > 0 {
		return nil, cim.Errorf(cim.StatusClassHasChildren, "%s has subclasses, such as %s", c.Name, below[0])
	}
	for _, n := range s.repository.namespaces {
		if n.has(s.ofClass(name)) {
			return nil, cim.Errorf(cim.StatusClassHasInstances, "%s has instances in %s", c.Name, n.name)
		}
	}
	return c, nil
}

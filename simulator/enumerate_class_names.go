package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) enumerateClassNames(_ context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	names, err := s.classNames(req)
	if err != nil {
		return nil, err
	}
	return paths(cimxml.FormName, func(yield func(cim.ObjectPath) bool) {
		for _, name := range names {
			if !yield(cim.ClassPath("", name)) {
				return
			}
		}
	}), nil
}

// classNames returns the names of the classes that an enumeration of classes is about:
// those below ClassName, or the root classes; with DeepInheritance, all below.
func (s *Server) classNames(req *cimxml.Request) ([]string, error) {
	top := req.Path("ClassName").Class
	if top != "" {
		if _, err := s.class(top); err != nil {
			return nil, err
		}
	}
	if !req.Flag("DeepInheritance", false) {
		return s.schema.Subclasses(top), nil
	}
	var names []string
	for _, name := range s.schema.ClassNames() {
		if top == "" || s.schema.IsA(name, top) && !cim.EqualNames(name, top) {
			names = append(names, name)
		}
	}
	return names, nil
}

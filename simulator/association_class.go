package simulator

import (
	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// classLinks returns the association classes that can refer to the source, a class, in
// the role: by a reference to it or to an ancestor of it.
func (s *Server) classLinks(t *traversal) []*cim.Class {
	var found []*cim.Class
	for _, name := range s.schema.ClassNames() {
		c := s.schema.Class(name)
		if c == nil || !c.HasQualifier("Association") || t.assocClass != "" && !s.schema.IsA(name, t.assocClass) {
			continue
		}
		for n := range c.Properties {
			if s.canRefer(t, &c.Properties[n]) {
				found = append(found, c)
				break
			}
		}
	}
	return found
}

// canRefer reports whether a property can refer to instances of the source in the role.
func (s *Server) canRefer(t *traversal, p *cim.Property) bool {
	return p.ReferenceClass != "" && roleIs(t.role, p.Name) && s.schema.IsA(t.source.Class, p.ReferenceClass)
}

// classTargets returns the classes that the other references of the links are declared
// for, each once.
func (s *Server) classTargets(t *traversal) []*cim.Class {
	var found []*cim.Class
	seen := make(map[*cim.Class]bool)
	for _, link := range s.classLinks(t) {
		for n := range link.Properties {
			c := s.farEnd(t, link, n)
			if c != nil && !seen[c] {
				seen[c] = true
				found = append(found, c)
			}
		}
	}
	return found
}

// farEnd returns the class that the nth property of a link leads to, nil when it leads
// nowhere or back to the source.
func (s *Server) farEnd(t *traversal, link *cim.Class, n int) *cim.Class {
	far := &link.Properties[n]
	if far.ReferenceClass == "" || !roleIs(t.resultRole, far.Name) ||
		t.resultClass != "" && !s.schema.IsA(far.ReferenceClass, t.resultClass) {
		return nil
	}
	for i := range link.Properties {
		if i != n && s.canRefer(t, &link.Properties[i]) {
			return s.schema.Class(far.ReferenceClass)
		}
	}
	return nil
}

// classesWithPaths answers with classes and their full paths.
func (s *Server) classesWithPaths(req *cimxml.Request, found []*cim.Class) *cimxml.Response {
	o := readOptions(req, false, true)
	return &cimxml.Response{Form: cimxml.FormObjectWithPath, Result: func(yield func(cim.Value) bool) {
		for _, c := range found {
			v := viewClass(c, o)
			v.Path = s.fullClassPath(req, c)
			if !yield(cim.EmbeddedClass(v)) {
				return
			}
		}
	}}
}

// fullClassPaths answers with the full paths alone.
func (s *Server) fullClassPaths(req *cimxml.Request, found []*cim.Class) *cimxml.Response {
	return paths(cimxml.FormObjectPath, func(yield func(cim.ObjectPath) bool) {
		for _, c := range found {
			if !yield(s.fullClassPath(req, c)) {
				return
			}
		}
	})
}

// fullClassPath returns a class's path in the namespace of a request, as classes are
// visible in all of them.
func (s *Server) fullClassPath(req *cimxml.Request, c *cim.Class) cim.ObjectPath {
	path := cim.ClassPath(req.Namespace, c.Name)
	path.Host = s.opts.HostName
	return path
}

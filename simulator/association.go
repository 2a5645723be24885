package simulator

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// traversal is what the four association operations of DSP0200 have in common: a source
// and the filters on what leads away from it.
type traversal struct {
	source      cim.ObjectPath
	assocClass  string // "" for any, as all below
	resultClass string
	role        string
	resultRole  string
}

// traversal reads the parameters, of which one names the source. For References and ReferenceNames, ResultClass is the
// class of the association.
func (s *Server) traversal(req *cimxml.Request, parameter string, toReferences bool) (*traversal, error) {
	source, err := required(req, parameter)
	if err != nil {
		return nil, err
	}
	if _, err := s.class(source.Class); err != nil {
		return nil, err
	}
	t := &traversal{
		source:      s.resolve(source.Relative(), req.Namespace),
		assocClass:  req.Path("AssocClass").Class,
		resultClass: req.Path("ResultClass").Class,
	}
	t.role, _ = req.Param("Role").Text()
	t.resultRole, _ = req.Param("ResultRole").Text()
	for _, class := range []string{t.assocClass, t.resultClass} {
		if class != "" && s.schema.Class(class) == nil {
			return nil, cim.Errorf(cim.StatusInvalidParameter, "There is no class %s", class)
		}
	}
	if toReferences {
		t.assocClass, t.resultClass, t.resultRole = t.resultClass, "", ""
	}
	return t, nil
}

// instanceTraversal reads the parameters of an Open operation, whose source is an instance.
func (s *Server) instanceTraversal(req *cimxml.Request, toReferences bool) (*traversal, error) {
	t, err := s.traversal(req, "InstanceName", toReferences)
	if err == nil && !t.source.IsInstance() {
		err = cim.Errorf(cim.StatusInvalidParameter, "InstanceName is the name of a class")
	}
	return t, err
}

// links returns the association instances that refer to the source in the role.
func (s *Server) links(t *traversal) []*cim.Instance {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n, err := s.repository.namespace(t.source.Namespace)
	if err != nil {
		return nil
	}
	var found []*cim.Instance
	for _, slot := range n.linking[t.source.Canonical()] {
		i := slot.instance
		if (t.assocClass == "" || s.schema.IsA(i.Class, t.assocClass)) && s.isAssociation(i.Class) && t.from(i) != nil {
			found = append(found, i)
		}
	}
	return found
}

func (s *Server) isAssociation(class string) bool {
	c := s.schema.Class(class)
	return c != nil && c.HasQualifier("Association")
}

// from returns the property of an association instance that refers to the source in the
// role, nil when there is none.
func (t *traversal) from(link *cim.Instance) *cim.Property {
	for n := range link.Properties {
		p := &link.Properties[n]
		path, ok := p.Value.Reference()
		if ok && roleIs(t.role, p.Name) && path.Equal(t.source) {
			return p
		}
	}
	return nil
}

func roleIs(wanted, name string) bool { return wanted == "" || cim.EqualNames(wanted, name) }

// targets returns the instances at the other ends of the links, each once. A reference
// to an instance that does not exist leads nowhere.
func (s *Server) targets(t *traversal) []*cim.Instance {
	links := s.links(t)
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []*cim.Instance
	seen := make(map[*cim.Instance]bool)
	for _, link := range links {
		source := t.from(link)
		for n := range link.Properties {
			p := &link.Properties[n]
			path, ok := p.Value.Reference()
			if !ok || p == source || !roleIs(t.resultRole, p.Name) {
				continue
			}
			i := s.repository.get(path)
			if i == nil || seen[i] || t.resultClass != "" && !s.schema.IsA(i.Class, t.resultClass) {
				continue
			}
			seen[i] = true
			found = append(found, i)
		}
	}
	return found
}

// withPaths answers with instances and their full paths, as association operations do.
func (s *Server) withPaths(req *cimxml.Request, found []*cim.Instance) *cimxml.Response {
	o := readOptions(req, false, true)
	return instances(cimxml.FormObjectWithPath, slices.Values(found), func(i *cim.Instance) *cim.Instance {
		v := *s.view(i, o, nil)
		v.Path.Host = s.opts.HostName
		return &v
	})
}

// fullPaths answers with the full paths alone.
func (s *Server) fullPaths(found []*cim.Instance) *cimxml.Response {
	return paths(cimxml.FormObjectPath, func(yield func(cim.ObjectPath) bool) {
		for _, i := range found {
			path := i.Path
			path.Host = s.opts.HostName
			if !yield(path) {
				return
			}
		}
	})
}

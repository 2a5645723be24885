package simulator

import (
	"maps"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// The classes whose instances in the interop namespace are the namespaces of the server.
// Each namespace has one of both, where the model has the classes.
const (
	namespaceClass    = "CIM_Namespace"
	oldNamespaceClass = "__Namespace"
	managerClass      = "CIM_ObjectManager"
)

// namespaceRules make namespaces of the instances, and of both classes alike. Names are
// whole, "root/cimv2", in both (observed: sfcb).
type namespaceRules struct{}

func (namespaceRules) prepare(s *Server, i *cim.Instance) error {
	name := cim.CleanNamespace(i.Text("Name"))
	if name == "" {
		return cim.Errorf(cim.StatusInvalidParameter, "The name of the namespace is missing")
	}
	i.Set("Name", cim.String(name))
	s.fillKeys(i)
	setDefault(i, "ObjectManagerCreationClassName", cim.String(managerClass))
	setDefault(i, "ObjectManagerName", cim.String(s.service))
	return nil
}

// created accepts an instance of a namespace that is there only from the model.
func (namespaceRules) created(s *Server, i *cim.Instance) error {
	name := i.Text("Name")
	if !s.loaded {
		s.repository.addNamespace(name)
		return nil
	}
	if _, err := s.repository.namespace(name); err == nil {
		return cim.Errorf(cim.StatusAlreadyExists, "There is a namespace %s", name)
	}
	s.repository.addNamespace(name)
	s.showNamespace(name, i.Class)
	return nil
}

func (namespaceRules) modified(*Server, *cim.Instance) error { return nil }

func (namespaceRules) deleted(s *Server, i *cim.Instance) error {
	name := i.Text("Name")
	n, err := s.repository.namespace(name)
	if err == nil && n.has(func(*cim.Instance) bool { return true }) {
		return cim.Errorf(cim.StatusNamespaceNotEmpty, "Namespace %s has instances", name)
	}
	s.repository.removeNamespace(name)
	for _, other := range s.namespaceInstances(name) {
		if other != i {
			s.repository.remove(other.Path)
		}
	}
	return nil
}

// namespaceInstances returns the instances that stand for a namespace.
func (s *Server) namespaceInstances(name string) []*cim.Instance {
	n, err := s.repository.namespace(s.opts.Interop)
	if err != nil {
		return nil
	}
	const most = 10 // there are two, and what the model adds
	found, _ := n.after(0, most, nil, func(i *cim.Instance) bool {
		return s.isNamespace(i.Class) && cim.EqualNames(cim.CleanNamespace(i.Text("Name")), name)
	})
	return found
}

func (s *Server) isNamespace(class string) bool {
	return cim.EqualNames(class, oldNamespaceClass) || s.schema.IsA(class, namespaceClass)
}

// showNamespaces sees to it that every namespace has its instances.
func (s *Server) showNamespaces() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(s.repository.namespaces)) {
		s.showNamespace(s.repository.namespaces[key].name, "")
	}
	s.loaded = true
}

// showNamespace adds the instances that a namespace lacks, but for one of a class that
// is about to be there. A class of other keys than those of the DMTF's is left alone.
func (s *Server) showNamespace(name, except string) {
	for _, class := range []string{namespaceClass, oldNamespaceClass} {
		there := func(i *cim.Instance) bool { return s.schema.IsA(i.Class, class) }
		c := s.schema.Class(class)
		if c == nil || except != "" && s.schema.IsA(except, class) || slices.ContainsFunc(s.namespaceInstances(name), there) {
			continue
		}
		i, err := s.complete(c, cim.NewInstance(class, cim.Prop("Name", cim.String(name))), s.opts.Interop)
		if err != nil {
			continue
		}
		if err := (namespaceRules{}).prepare(s, i); err != nil {
			continue
		}
		if i.Path, err = pathOf(c, i, s.opts.Interop); err == nil {
			s.repository.put(i)
		}
	}
}

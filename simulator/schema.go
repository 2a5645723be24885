package simulator

import (
	"slices"
	"sync"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// schema is the classes and qualifier types of a server: those of the model, and what
// clients make of them. What it returns is its own and never changed in place.
type schema struct {
	mu         sync.RWMutex
	classes    map[string]*class // by folded name
	order      []*class
	qualifiers []cim.QualifierType
}

type class struct {
	local      *cim.Class // as it is declared
	whole      func() *cim.Class
	super      *class
	subclasses []*class
}

func newSchema(model *mof.Schema) *schema {
	s := &schema{classes: make(map[string]*class), qualifiers: slices.Clone(model.QualifierTypes())}
	for _, name := range model.ClassNames() {
		c := &class{local: model.Local(name), whole: func() *cim.Class { return model.Class(name) }}
		s.classes[cim.FoldName(name)] = c
		s.order = append(s.order, c)
	}
	for _, c := range s.order {
		c.super = s.classes[cim.FoldName(c.local.SuperClass)]
		if c.super != nil {
			c.super.subclasses = append(c.super.subclasses, c)
		}
	}
	return s
}

func (s *schema) find(name string) *class { return s.classes[cim.FoldName(name)] }

// Class returns a class with all it inherits, nil when there is none.
func (s *schema) Class(name string) *cim.Class {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if c := s.find(name); c != nil {
		return c.whole()
	}
	return nil
}

// IsA reports whether class is ancestor or derived from it. Neither may be missing.
func (s *schema) IsA(name, ancestor string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, top := s.find(name), s.find(ancestor)
	if top == nil {
		return false
	}
	for c != nil && c != top {
		c = c.super
	}
	return c == top
}

// ClassNames returns the names of all classes in the order of their declaration.
func (s *schema) ClassNames() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return names(s.order)
}

func names(classes []*class) []string {
	list := make([]string, len(classes))
	for i, c := range classes {
		list[i] = c.local.Name
	}
	return list
}

// Subclasses returns the classes derived directly from a class; for "" the root classes.
func (s *schema) Subclasses(name string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if name == "" {
		return names(slices.DeleteFunc(slices.Clone(s.order), func(c *class) bool { return c.super != nil }))
	}
	if c := s.find(name); c != nil {
		return names(c.subclasses)
	}
	return nil
}

// Ancestors returns the superclasses of a class, the nearest first.
func (s *schema) Ancestors(name string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []*class
	if c := s.find(name); c != nil {
		for c = c.super; c != nil; c = c.super {
			list = append(list, c)
		}
	}
	return names(list)
}

// set adds a class that was compiled with its superclass, or replaces one that has no
// subclasses.
func (s *schema) set(local, whole *cim.Class) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(local.Name)
	if c == nil {
		c = &class{super: s.find(local.SuperClass)}
		s.classes[cim.FoldName(local.Name)] = c
		s.order = append(s.order, c)
		if c.super != nil {
			c.super.subclasses = append(c.super.subclasses, c)
		}
	}
	c.local, c.whole = local, func() *cim.Class { return whole }
}

// remove removes a class that has no subclasses.
func (s *schema) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(name)
	if c == nil {
		return
	}
	is := func(other *class) bool { return other == c }
	delete(s.classes, cim.FoldName(name))
	s.order = slices.DeleteFunc(s.order, is)
	if c.super != nil {
		c.super.subclasses = slices.DeleteFunc(c.super.subclasses, is)
	}
}

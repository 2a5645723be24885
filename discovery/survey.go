package discovery

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// Roots returns the classes below which the hardware of a host is (CIM schema: Device,
// Physical and System models, and what of firmware, logs and redundancy belongs to them).
func Roots() []string {
	return []string{
		"CIM_LogicalDevice", "CIM_PhysicalElement", "CIM_System", "CIM_SoftwareIdentity",
		"CIM_Log", "CIM_RedundancySet",
	}
}

// Excluded returns the classes below the roots that are no hardware, with all that derive
// from them.
func Excluded() []string { return []string{"CIM_ApplicationSystem", "CIM_AdminDomain"} }

// A Survey is what was found out about a namespace of a CIM server.
type Survey struct {
	Namespace string

	below     map[string]map[string]bool // by class: all that derive from it; names are folded
	instances map[string]*occupied       // by folded name
}

// occupied is a class with instances of its own.
type occupied struct {
	class string
	count int // 0: not known
}

// NewSurvey returns a Survey of a namespace of which nothing is known.
func NewSurvey(namespace string) *Survey {
	return &Survey{Namespace: namespace, below: map[string]map[string]bool{}, instances: map[string]*occupied{}}
}

// AddTree notes all classes that derive from a class, however far: an empty list says that
// there are none.
func (s *Survey) AddTree(class string, below []string) {
	folded := make(map[string]bool, len(below))
	for _, name := range below {
		folded[cim.FoldName(name)] = true
	}
	s.below[cim.FoldName(class)] = folded
}

// AddInstances notes that a class has instances of its own, or, with a count of 0, that it
// may have some: who cannot list them has to read them.
func (s *Survey) AddInstances(class string, count int) {
	o := s.instances[cim.FoldName(class)]
	if o == nil {
		o = &occupied{class: class}
		s.instances[cim.FoldName(class)] = o
	}
	o.count += count
}

// Knows reports whether a class is in the tree, below something that was asked for.
func (s *Survey) Knows(class string) bool {
	name := cim.FoldName(class)
	if s.below[name] != nil {
		return true
	}
	for _, below := range s.below {
		if below[name] {
			return true
		}
	}
	return false
}

// IsA reports whether a class is another one or known to derive from it.
func (s *Survey) IsA(class, ancestor string) bool {
	class, ancestor = cim.FoldName(class), cim.FoldName(ancestor)
	return class == ancestor || s.below[ancestor][class]
}

// Empty reports whether no class was found to have instances.
func (s *Survey) Empty() bool { return len(s.instances) == 0 }

// Occupied returns the classes with instances that are a class or known to derive from it, sorted.
func (s *Survey) Occupied(class string) []string {
	var all []string
	for name, o := range s.instances {
		if s.IsA(name, class) {
			all = append(all, o.class)
		}
	}
	slices.Sort(all)
	return all
}

// HasUnknown reports whether a class has instances whose name tells no kind of component.
func (s *Survey) HasUnknown() bool {
	for _, o := range s.instances {
		if inventory.KindOf(o.class) == inventory.KindOther {
			return true
		}
	}
	return false
}

// Open returns the classes with instances of which nobody asked what derives from them.
func (s *Survey) Open() []string {
	var open []string
	for name, o := range s.instances {
		if s.below[name] == nil {
			open = append(open, o.class)
		}
	}
	slices.Sort(open)
	return open
}

// Missing returns the classes of [inventory.Classes] of whose kind nothing was found: they
// are asked for on their own, since a provider may answer for its class and not for those
// above it.
func (s *Survey) Missing() []string {
	kinds := map[inventory.Kind]bool{}
	for _, o := range s.instances {
		kinds[inventory.KindOf(o.class)] = true
	}
	return slices.DeleteFunc(inventory.Classes(), func(class string) bool { return kinds[inventory.KindOf(class)] })
}

// Fill has the classes of [inventory.Classes] read where the survey could not be ended.
func (s *Survey) Fill() {
	for _, class := range inventory.Classes() {
		if s.instances[cim.FoldName(class)] == nil {
			s.AddInstances(class, 0)
		}
	}
}

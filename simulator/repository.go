package simulator

import (
	"cmp"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// repository holds instances by namespace. An instance in it is never changed, only
// replaced, so what was read stays valid without a lock. Server.mu protects all of it.
type repository struct {
	namespaces map[string]*namespace // by folded name
	lastOrder  uint64
}

type namespace struct {
	name    string
	byPath  map[string]*slot   // by canonical path without host
	slots   []*slot            // in the order of creation, empty ones among them
	empty   int                // of the slots
	linking map[string][]*slot // by the canonical path that an instance refers to, in the order of creation
}

// slot is the place of an instance. It keeps the instance's order when that is replaced.
type slot struct {
	order    uint64
	instance *cim.Instance // nil once it is removed
}

func (r *repository) addNamespace(name string) *namespace {
	key := cim.FoldName(cim.CleanNamespace(name))
	n := r.namespaces[key]
	if n == nil {
		n = &namespace{
			name: cim.CleanNamespace(name), byPath: make(map[string]*slot), linking: make(map[string][]*slot),
		}
		r.namespaces[key] = n
	}
	return n
}

func (r *repository) removeNamespace(name string) {
	delete(r.namespaces, cim.FoldName(cim.CleanNamespace(name)))
}

// namespace returns a namespace, an error of StatusInvalidNamespace when there is none.
func (r *repository) namespace(name string) (*namespace, error) {
	if n := r.namespaces[cim.FoldName(cim.CleanNamespace(name))]; n != nil {
		return n, nil
	}
	return nil, cim.Errorf(cim.StatusInvalidNamespace, "There is no namespace %s", name)
}

// get returns the instance at a resolved path, nil when there is none.
func (r *repository) get(path cim.ObjectPath) *cim.Instance {
	n := r.namespaces[cim.FoldName(path.Namespace)]
	if n == nil {
		return nil
	}
	if s := n.byPath[path.Canonical()]; s != nil {
		return s.instance
	}
	return nil
}

// put adds or replaces the instance at its path, in a namespace that exists.
func (r *repository) put(i *cim.Instance) {
	n := r.addNamespace(i.Path.Namespace)
	key := i.Path.Canonical()
	s := n.byPath[key]
	if s == nil {
		r.lastOrder++
		s = &slot{order: r.lastOrder}
		n.byPath[key] = s
		n.slots = append(n.slots, s)
	} else {
		n.unlink(s)
	}
	s.instance = i
	n.link(s)
}

// minEmpty is how many empty slots are left alone.
const minEmpty = 64

func (r *repository) remove(path cim.ObjectPath) {
	n := r.namespaces[cim.FoldName(path.Namespace)]
	if n == nil {
		return
	}
	key := path.Canonical()
	s := n.byPath[key]
	if s == nil {
		return
	}
	n.unlink(s)
	delete(n.byPath, key)
	s.instance = nil
	if n.empty++; n.empty > minEmpty && n.empty > len(n.slots)/2 {
		n.slots = slices.DeleteFunc(n.slots, func(s *slot) bool { return s.instance == nil })
		n.empty = 0
	}
}

// after appends the instances behind a place in the order of creation that keep accepts,
// at most so many, and returns the place of the last. The place of none is 0.
func (n *namespace) after(place uint64, most int, list []*cim.Instance, keep func(*cim.Instance) bool) ([]*cim.Instance, uint64) {
	at, found := slices.BinarySearchFunc(n.slots, place, compareOrder)
	if found {
		at++
	}
	for _, s := range n.slots[at:] {
		if most == 0 {
			break
		}
		if s.instance != nil && keep(s.instance) {
			list = append(list, s.instance)
			most--
		}
		place = s.order
	}
	return list, place
}

// has reports whether an instance is there that keep accepts.
func (n *namespace) has(keep func(*cim.Instance) bool) bool {
	return slices.ContainsFunc(n.slots, func(s *slot) bool { return s.instance != nil && keep(s.instance) })
}

func compareOrder(s *slot, order uint64) int { return cmp.Compare(s.order, order) }

// link enters an instance under everything that it refers to, so that associations are
// found without a look at every instance.
func (n *namespace) link(s *slot) {
	for key := range references(s.instance) {
		at, known := slices.BinarySearchFunc(n.linking[key], s.order, compareOrder)
		if !known {
			n.linking[key] = slices.Insert(n.linking[key], at, s)
		}
	}
}

func (n *namespace) unlink(s *slot) {
	for key := range references(s.instance) {
		rest := slices.DeleteFunc(n.linking[key], func(other *slot) bool { return other == s })
		if len(rest) == 0 {
			delete(n.linking, key)
			continue
		}
		n.linking[key] = rest
	}
}

// references yields the canonical paths that an instance refers to.
func references(i *cim.Instance) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for n := range i.Properties {
			if path, ok := i.Properties[n].Value.Reference(); ok && !yield(path.Canonical()) {
				return
			}
		}
	}
}

package simulator

import (
	"cmp"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// repository holds instances by namespace. An instance in it is never changed, only
// replaced, so what was read stays valid without a lock. Server.mu protects the maps.
type repository struct {
	namespaces map[string]*namespace // by folded name
	lastOrder  uint64
}

type namespace struct {
	name      string
	instances map[string]entry // by canonical path without host
}

type entry struct {
	order    uint64 // of creation, which enumerations keep
	instance *cim.Instance
}

func (r *repository) addNamespace(name string) *namespace {
	key := cim.FoldName(cim.CleanNamespace(name))
	n := r.namespaces[key]
	if n == nil {
		n = &namespace{name: cim.CleanNamespace(name), instances: make(map[string]entry)}
		r.namespaces[key] = n
	}
	return n
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
	return n.instances[path.Canonical()].instance
}

// put adds or replaces the instance at its path, in a namespace that exists.
func (r *repository) put(i *cim.Instance) {
	n := r.addNamespace(i.Path.Namespace)
	key := i.Path.Canonical()
	e, ok := n.instances[key]
	if !ok {
		r.lastOrder++
		e.order = r.lastOrder
	}
	e.instance = i
	n.instances[key] = e
}

func (r *repository) remove(path cim.ObjectPath) {
	if n := r.namespaces[cim.FoldName(path.Namespace)]; n != nil {
		delete(n.instances, path.Canonical())
	}
}

// find returns the instances that keep accepts, in the order of their creation.
func (n *namespace) find(keep func(*cim.Instance) bool) []*cim.Instance {
	var found []entry
	for _, e := range n.instances {
		if keep(e.instance) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b entry) int { return cmp.Compare(a.order, b.order) })
	instances := make([]*cim.Instance, len(found))
	for i, e := range found {
		instances[i] = e.instance
	}
	return instances
}

package cli

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// classOrder sorts classes so that a server that takes one after another knows what each needs.
type classOrder struct {
	c       *compiledMOF
	wanted  map[string]*cim.Class // by folded name, those that are still to come
	ordered []*cim.Class
}

// inOrder returns the classes of the files: each behind its superclass, and where that is
// possible behind the classes that it refers to.
func (c *compiledMOF) inOrder() []*cim.Class {
	o := &classOrder{c: c, wanted: make(map[string]*cim.Class)}
	names := c.ClassNames()[c.usedClasses:]
	for _, name := range names {
		o.wanted[cim.FoldName(name)] = c.Local(name)
	}
	for _, name := range names {
		o.lineage(name)
	}
	return o.ordered
}

// lineage takes a class, and before it its ancestors. What each refers to comes in between,
// but for what is derived from a class that waits for its turn: those cannot come before it.
func (o *classOrder) lineage(name string) {
	waiting := []string{name}
	for len(waiting) > 0 {
		next := waiting[len(waiting)-1]
		class := o.wanted[cim.FoldName(next)]
		if class == nil {
			waiting = waiting[:len(waiting)-1]
			continue
		}
		need := o.missing(class, waiting)
		if need == "" {
			waiting = waiting[:len(waiting)-1]
			delete(o.wanted, cim.FoldName(next))
			o.ordered = append(o.ordered, class)
			continue
		}
		waiting = append(waiting, need)
	}
}

// missing returns a class that has to come before another, "" when there is none.
func (o *classOrder) missing(class *cim.Class, waiting []string) string {
	if o.wanted[cim.FoldName(class.SuperClass)] != nil {
		return class.SuperClass
	}
	for _, name := range mentionedClasses(class) {
		blocked := slices.ContainsFunc(waiting, func(w string) bool { return o.c.IsA(name, w) })
		if o.wanted[cim.FoldName(name)] != nil && !blocked {
			return name
		}
	}
	return ""
}

// mentionedClasses returns the classes that references and embedded instances of a class name.
func mentionedClasses(class *cim.Class) []string {
	var names []string
	add := func(reference string, qualifiers []cim.Qualifier) {
		if reference != "" {
			names = append(names, reference)
		}
		if q := findQualifier(qualifiers, "EmbeddedInstance"); q != nil {
			if name, ok := q.Value.Text(); ok {
				names = append(names, name)
			}
		}
	}
	for i := range class.Properties {
		add(class.Properties[i].ReferenceClass, class.Properties[i].Qualifiers)
	}
	for i := range class.Methods {
		add("", class.Methods[i].Qualifiers)
		for _, p := range class.Methods[i].Parameters {
			add(p.ReferenceClass, p.Qualifiers)
		}
	}
	return names
}

// referredFirst returns instances so that each comes behind those that it refers to, and
// otherwise in their order. Those that refer to each other stay as they are.
func referredFirst(instances []*cim.Instance) []*cim.Instance {
	byPath := make(map[string]*cim.Instance, len(instances))
	for _, i := range instances {
		byPath[i.Path.Canonical()] = i
	}
	ordered := make([]*cim.Instance, 0, len(instances))
	begun, done := make(map[*cim.Instance]bool), make(map[*cim.Instance]bool)
	for _, first := range instances {
		waiting := []*cim.Instance{first}
		for len(waiting) > 0 {
			i := waiting[len(waiting)-1]
			begun[i] = true
			if next := referredInstance(i, byPath, begun); next != nil {
				waiting = append(waiting, next)
				continue
			}
			waiting = waiting[:len(waiting)-1]
			if !done[i] {
				done[i] = true
				ordered = append(ordered, i)
			}
		}
	}
	return ordered
}

// referredInstance returns an instance that another refers to and that has not had its turn.
func referredInstance(i *cim.Instance, byPath map[string]*cim.Instance, begun map[*cim.Instance]bool) *cim.Instance {
	for _, p := range i.Properties {
		values := []cim.Value{p.Value}
		if p.Value.IsArray() {
			values = p.Value.Elements()
		}
		for _, v := range values {
			path, ok := v.Reference()
			if !ok {
				continue
			}
			if other := byPath[path.Local().In(i.Path.Namespace).Canonical()]; other != nil && !begun[other] {
				return other
			}
		}
	}
	return nil
}

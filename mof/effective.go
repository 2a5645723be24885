package mof

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// whole returns the class with what it inherits.
func (cl *class) whole() *cim.Class {
	cl.once.Do(func() { cl.effective = cl.inherit() })
	return cl.effective
}

func (cl *class) inherit() *cim.Class {
	c := *cl.local
	base := &cim.Class{}
	if cl.super != nil {
		base = cl.super.whole()
	}
	c.Qualifiers = mergeQualifiers(base.Qualifiers, cl.local.Qualifiers)
	c.Properties = mergeProperties(c.Name, base.Properties, cl.local)
	c.Methods = mergeMethods(c.Name, base.Methods, cl.local)
	return &c
}

// mergeProperties returns the inherited properties in their places, each overridden by
// the local one of its name, and behind them those that are new.
func mergeProperties(class string, base []cim.Property, local *cim.Class) []cim.Property {
	list := make([]cim.Property, len(base), len(base)+len(local.Properties))
	for i, p := range base {
		p.Propagated = true
		p.Qualifiers = inheritQualifiers(p.Qualifiers)
		list[i] = p
	}
	for _, p := range local.Properties {
		i := slices.IndexFunc(base, func(b cim.Property) bool { return cim.EqualNames(b.Name, p.Name) })
		if i < 0 {
			p.ClassOrigin = class
			list = append(list, p)
			continue
		}
		old := base[i]
		p.ClassOrigin = old.ClassOrigin
		p.Qualifiers = mergeQualifiers(old.Qualifiers, p.Qualifiers)
		if p.Value.IsNull() && p.Value.Type() == old.Value.DeclaredType() {
			p.Value = old.Value
		}
		if p.ArraySize == 0 {
			p.ArraySize = old.ArraySize
		}
		list[i] = p
	}
	return list
}

func mergeMethods(class string, base []cim.Method, local *cim.Class) []cim.Method {
	list := make([]cim.Method, len(base), len(base)+len(local.Methods))
	for i, m := range base {
		list[i] = inheritMethod(m)
	}
	for _, m := range local.Methods {
		i := slices.IndexFunc(base, func(b cim.Method) bool { return cim.EqualNames(b.Name, m.Name) })
		if i < 0 {
			m.ClassOrigin = class
			list = append(list, m)
			continue
		}
		m.ClassOrigin = base[i].ClassOrigin
		m.Qualifiers = mergeQualifiers(base[i].Qualifiers, m.Qualifiers)
		m.Parameters = mergeParameters(base[i].Parameters, m.Parameters)
		list[i] = m
	}
	return list
}

func inheritMethod(m cim.Method) cim.Method {
	if m.Propagated {
		return m
	}
	m.Propagated = true
	m.Qualifiers = inheritQualifiers(m.Qualifiers)
	m.Parameters = slices.Clone(m.Parameters)
	for i := range m.Parameters {
		m.Parameters[i].Qualifiers = inheritQualifiers(m.Parameters[i].Qualifiers)
	}
	return m
}

// mergeParameters gives the parameters of an overriding method the qualifiers of those
// of the same name that it overrides.
func mergeParameters(base, local []cim.Parameter) []cim.Parameter {
	list := slices.Clone(local)
	for i := range list {
		p := &list[i]
		j := slices.IndexFunc(base, func(b cim.Parameter) bool { return cim.EqualNames(b.Name, p.Name) })
		if j < 0 {
			continue
		}
		p.Qualifiers = mergeQualifiers(base[j].Qualifiers, p.Qualifiers)
		if p.Embedded == cim.NotEmbedded {
			p.Embedded = base[j].Embedded
		}
	}
	return list
}

// inheritQualifiers returns those qualifiers that are passed on to subclasses. The list
// itself is returned where nothing changes, which is every level but the first.
func inheritQualifiers(list []cim.Qualifier) []cim.Qualifier {
	unchanged := func(q cim.Qualifier) bool { return q.Propagated && q.Flavor&cim.ToSubclass != 0 }
	if !slices.ContainsFunc(list, func(q cim.Qualifier) bool { return !unchanged(q) }) {
		return list
	}
	passed := make([]cim.Qualifier, 0, len(list))
	for _, q := range list {
		if q.Flavor&cim.ToSubclass != 0 {
			q.Propagated = true
			passed = append(passed, q)
		}
	}
	return passed
}

// mergeQualifiers returns the local qualifiers and behind them the inherited ones that
// the local ones do not override.
func mergeQualifiers(base, local []cim.Qualifier) []cim.Qualifier {
	inherited := inheritQualifiers(base)
	if len(inherited) == 0 {
		return local
	}
	list := make([]cim.Qualifier, len(local), len(local)+len(inherited))
	copy(list, local)
	for _, q := range inherited {
		if !slices.ContainsFunc(local, func(l cim.Qualifier) bool { return cim.EqualNames(l.Name, q.Name) }) {
			list = append(list, q)
		}
	}
	return list
}

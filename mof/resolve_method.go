package mof

import (
	"github.com/cimwatch/cimwatch/cim"
)

func (c *compiler) resolveMethods(cl *class) {
	for i := range cl.decl.methods {
		m := &cl.decl.methods[i]
		if old := findMethod(cl.decl.methods[:i], m.name.sym); old != nil {
			c.errors.conflictf(m.name.pos, old.name.pos, "method %s of class %s already defined", m.name, cl.name())
			continue
		}
		cl.local.Methods = append(cl.local.Methods, c.resolveMethod(cl, m))
	}
}

func findMethod(list []method, sym *symbol) *method {
	for i := range list {
		if list[i].name.sym.fold == sym.fold {
			return &list[i]
		}
	}
	return nil
}

func (cl *class) inheritedMethod(sym *symbol) (m *method, owner *class) {
	for k := cl.super; k != nil; k = k.super {
		if m := findMethod(k.decl.methods, sym); m != nil {
			return m, k
		}
	}
	return nil, nil
}

func (c *compiler) resolveMethod(cl *class, m *method) cim.Method {
	out := cim.Method{Name: m.name.String(), ReturnType: m.typ}
	where := place{what: what{kind: "method", owner: cl.name(), name: out.Name}, scope: cim.ScopeMethod}
	base, from := cl.inheritedMethod(m.name.sym)
	if base != nil {
		where.super, where.of = from, func(k *class) []cim.Qualifier {
			if inherited := k.local.Method(out.Name); inherited != nil {
				return inherited.Qualifiers
			}
			return nil
		}
		if base.typ != m.typ {
			c.errors.conflictf(m.name.pos, base.name.pos, "method %s returns %s, expected %s as in class %s",
				m.name, returned(m), returned(base), from.name())
		}
	}
	out.Qualifiers = c.resolveQualifiers(m.qualifiers, where)
	if c.checkOverride(cl, "method", m.name, out.Qualifiers, base != nil) && base != nil {
		c.checkHidden("method", m.name, base.name, out.Qualifiers)
	}
	m.parameters = c.unique(m.parameters, "parameter", where.what)
	buf := c.out.parameterBuf[:0]
	for i := range m.parameters {
		buf = append(buf, c.resolveParameter(&m.parameters[i], &where.what))
	}
	c.out.parameterBuf = buf
	out.Parameters = c.out.parameters.keep(buf)
	if base != nil {
		c.checkSignature(m, base, from)
	}
	c.checkEmbeddable(m.typ, m.name, m.qualifiers)
	return out
}

func (c *compiler) resolveParameter(e *element, method *what) cim.Parameter {
	p := cim.Parameter{
		Name: e.name.String(), Value: null(e.typ, e.array), ArraySize: e.size, ReferenceClass: c.referenceClass(e),
	}
	p.Qualifiers = c.resolveQualifiers(e.qualifiers, place{
		what: what{kind: "parameter", name: p.Name, method: method}, scope: cim.ScopeParameter,
	})
	c.embedding(e, p.Qualifiers, &p.Embedded)
	c.checkEmbeddable(e.typ, e.name, e.qualifiers)
	return p
}

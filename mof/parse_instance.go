package mof

// instance parses an instance from "instance" on.
func (p *parser) instance(list []qualifier) *instanceDecl {
	p.advance()
	if !p.acceptKeyword(keyOf) {
		p.fail(`"of"`)
		return nil
	}
	d := &instanceDecl{qualifiers: list}
	var ok bool
	if d.class, ok = p.name("the name of a class"); !ok {
		return nil
	}
	if p.acceptKeyword(keyAs) {
		if d.alias, ok = p.aliasName(); !ok {
			return nil
		}
	}
	if !p.expect('{', "before the values of the instance of", d.class) {
		return nil
	}
	for p.kind() != '}' && p.kind() != tokEOF && !p.startsDeclaration() {
		var a assignment
		if p.assignment(&a) {
			d.values = append(d.values, a)
		} else {
			d.broken = true
			p.skipFeature()
		}
	}
	if p.expect('}', "behind the values of the instance of", d.class) {
		p.expect(';', "behind the instance of", d.class)
	}
	return d
}

func (p *parser) assignment(a *assignment) bool {
	var ok bool
	if p.kind() == '[' {
		if a.qualifiers, ok = p.qualifierList(); !ok {
			return false
		}
	}
	if a.name, ok = p.name("the name of a property"); !ok {
		return false
	}
	if !p.expect('=', "behind property", a.name) {
		return false
	}
	v, ok := p.value()
	if !ok {
		return false
	}
	a.value = &p.slabs.values.keep([]value{v})[0]
	return p.expect(';', "behind property", a.name)
}

package mof

import (
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
)

const (
	maxArraySize = 1 << 20 // that a fixed-size array may declare
	maxFeatures  = 4096    // of one kind in one class; lists of them are searched from the start
)

// class parses a class, an association or an indication from "class" on.
func (p *parser) class(list []qualifier) *classDecl {
	p.advance()
	d := &classDecl{qualifiers: list}
	var ok bool
	if d.name, ok = p.name("the name of a class"); !ok {
		return nil
	}
	if p.acceptKeyword(keyAs) {
		if d.alias, ok = p.aliasName(); !ok {
			return nil
		}
	}
	if p.accept(':') {
		if d.super, ok = p.name("the name of the superclass"); !ok {
			return nil
		}
	}
	if !p.expect('{', "before the features of class", d.name) {
		return nil
	}
	p.features(d)
	return d
}

func (p *parser) aliasName() (n name, ok bool) {
	if p.kind() != tokAlias {
		return n, p.fail(`an alias such as $Name behind "as"`)
	}
	n = name{sym: p.tokens[p.i].sym, pos: p.at()}
	p.advance()
	return n, true
}

// features parses up to the end of a class. A feature that is wrong is left out; a
// class whose closing brace is missing ends where the next declaration starts.
func (p *parser) features(d *classDecl) {
	buf := p.slabs.elementBuf[:0]
	for p.kind() != '}' && p.kind() != tokEOF && !p.startsDeclaration() {
		var e element
		switch {
		case !p.featureHead(&e):
			d.broken = true
			p.skipFeature()
		case p.kind() == '(':
			p.method(d, e)
		case p.propertyTail(&e):
			buf = append(buf, e)
		default:
			d.broken = true
			p.skipFeature()
		}
	}
	p.slabs.elementBuf = buf
	if len(buf) > maxFeatures || len(d.methods) > maxFeatures {
		p.report.errorf(d.name.pos, "class %s has more than %d properties or methods", d.name, maxFeatures)
		buf, d.methods, d.broken = buf[:0], nil, true
	}
	d.properties = p.slabs.elements.keep(buf)
	if p.expect('}', "behind the features of class", d.name) {
		p.expect(';', "behind class", d.name)
	}
}

// skipFeature goes behind the next semicolon, or to the brace that closes the class.
func (p *parser) skipFeature() {
	for depth := 0; p.kind() != tokEOF; p.advance() {
		switch p.kind() {
		case '{', '(':
			depth++
		case ')':
			depth--
		case '}':
			if depth <= 0 {
				return
			}
			depth--
		case ';':
			p.advance()
			if p.accept(')') { // it stood between parameters
				p.accept(';')
			}
			return
		}
		if p.startsDeclaration() {
			return
		}
	}
}

// skipBody goes behind the body of a method, as other languages have it.
func (p *parser) skipBody() {
	for depth := 0; p.kind() != tokEOF && !p.startsDeclaration(); {
		switch p.kind() {
		case '{':
			depth++
		case '}':
			depth--
		}
		p.advance()
		if depth == 0 {
			return
		}
	}
}

// featureHead parses what properties, methods and parameters start with: qualifiers,
// type and name.
func (p *parser) featureHead(e *element) bool {
	var ok bool
	if p.kind() == '[' {
		if e.qualifiers, ok = p.qualifierList(); !ok {
			return false
		}
	}
	if p.startsReference() {
		e.typ = cim.TypeReference
		if e.class, ok = p.name("the name of a class"); !ok {
			return false
		}
		p.advance()
	} else if p.keyword() == keyVoid {
		p.advance()
	} else if e.typ, ok = p.dataType("a data type, or the name of a class and REF"); !ok {
		return false
	}
	e.name, ok = p.name("a name behind the type")
	return ok
}

// startsReference tells "Class REF Name" from a property that is called Ref.
func (p *parser) startsReference() bool {
	zero, one := p.peek(0), p.peek(1)
	return zero.kind == tokName && one.kind == tokName && one.sym.fold.keyword == keyRef &&
		(p.peek(2).kind == tokName || zero.sym.fold.typ == cim.TypeNone)
}

func (p *parser) propertyTail(e *element) bool {
	if e.typ == cim.TypeNone {
		return p.fail(`"(", as only methods are void`)
	}
	if !p.brackets(e) {
		return false
	}
	if p.accept('=') {
		v, ok := p.value()
		if !ok {
			return false
		}
		e.initial = &p.slabs.values.keep([]value{v})[0]
	}
	return p.expect(';', "behind property", e.name)
}

// brackets parses the [] or [4] of an array, if there is one.
func (p *parser) brackets(e *element) bool {
	if !p.accept('[') {
		return true
	}
	e.array = true
	if t := p.tokens[p.i]; t.kind == tokNumber {
		text := p.text[t.off:t.end]
		decimal, _ := plainInteger(text)
		size, err := strconv.Atoi(decimal)
		if err != nil || size < 1 || size > maxArraySize {
			return p.fail("an array size from 1 to " + strconv.Itoa(maxArraySize))
		}
		e.size = size
		p.advance()
	}
	return p.expect(']', "or an array size behind", e.name)
}

func (p *parser) method(d *classDecl, head element) {
	m := method{name: head.name, qualifiers: head.qualifiers, typ: head.typ}
	if p.methodTail(&m, head) {
		d.methods = append(d.methods, m)
		return
	}
	d.broken = true
	p.skipFeature()
}

func (p *parser) methodTail(m *method, head element) bool {
	if head.typ == cim.TypeReference {
		p.report.errorf(head.class.pos, "method %s returns a reference, expected a data type", m.name)
	}
	p.advance()
	for p.kind() != ')' {
		var e element
		if !p.featureHead(&e) || !p.brackets(&e) {
			return false
		}
		if e.typ == cim.TypeNone {
			p.report.errorf(e.name.pos, "parameter %s is void, expected a data type", e.name)
			return false
		}
		if len(m.parameters) == maxFeatures {
			return p.fail("at most " + strconv.Itoa(maxFeatures) + " parameters")
		}
		m.parameters = append(m.parameters, e)
		if !p.accept(',') {
			break
		}
	}
	if !p.expect(')', "or a comma behind a parameter of method", m.name) {
		return false
	}
	if body := p.kind() == '{'; !p.expect(';', "behind method", m.name) {
		if body {
			p.skipBody()
		}
		return body
	}
	return true
}

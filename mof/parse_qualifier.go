package mof

import (
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
)

// scopeNames and flavorChanges are never written.
var scopeNames = map[string]cim.Scope{
	"any": cim.ScopeAny, "association": cim.ScopeAssociation, "class": cim.ScopeClass,
	"indication": cim.ScopeIndication, "method": cim.ScopeMethod, "parameter": cim.ScopeParameter,
	"property": cim.ScopeProperty, "reference": cim.ScopeReference,
	"schema": 0, "qualifier": 0, // older drafts; nothing has these scopes
}

var flavorChanges = map[string]flavors{
	"enableoverride":  {on: cim.Overridable},
	"disableoverride": {off: cim.Overridable},
	"tosubclass":      {on: cim.ToSubclass},
	"restricted":      {off: cim.ToSubclass},
	"toinstance":      {on: cim.ToInstance},
	"translatable":    {on: cim.Translatable},
}

// qualifierList parses qualifiers in brackets. Where one is wrong it is reported, the
// rest of the list is left out, and what the list stands on is still parsed.
func (p *parser) qualifierList() (list []qualifier, ok bool) {
	p.advance()
	buf := p.slabs.qualifierBuf[:0]
	for {
		q, ok := p.qualifier()
		if ok && len(buf) == maxFeatures {
			ok = p.fail("at most " + strconv.Itoa(maxFeatures) + " qualifiers")
		}
		if !ok {
			ok = p.skipQualifiers()
			return p.slabs.qualifiers.keep(buf), ok
		}
		buf = append(buf, q)
		if !p.accept(',') {
			break
		}
	}
	p.slabs.qualifierBuf = buf
	if !p.expect(']', "or a comma behind qualifier", buf[len(buf)-1].name) {
		ok = p.skipQualifiers()
		return p.slabs.qualifiers.keep(buf), ok
	}
	return p.slabs.qualifiers.keep(buf), true
}

// skipQualifiers goes behind the bracket that closes the list, and no further than the
// end of the feature.
func (p *parser) skipQualifiers() (closed bool) {
	for p.kind() != tokEOF && p.kind() != ';' && !p.startsDeclaration() {
		if p.accept(']') {
			return true
		}
		p.advance()
	}
	return false
}

// qualifier parses Name, Name(value), Name{value, value} and flavors behind a colon.
func (p *parser) qualifier() (q qualifier, ok bool) {
	if q.name, ok = p.name("the name of a qualifier"); !ok {
		return q, false
	}
	switch p.kind() {
	case '(':
		open := p.at()
		p.advance()
		lit, ok := p.literal()
		if !ok || !p.expect(')', "behind the value of qualifier", q.name) {
			return q, false
		}
		v := value{pos: open, elems: p.slabs.literals.keep([]literal{lit})}
		q.value = &p.slabs.values.keep([]value{v})[0]
	case '{':
		v := value{pos: p.at(), array: true}
		if v.elems, ok = p.array(); !ok {
			return q, false
		}
		q.value = &p.slabs.values.keep([]value{v})[0]
	}
	if p.accept(':') {
		for first := true; first || p.kind() == tokName; first = false {
			if !p.flavor(&q.flavors) {
				return q, false
			}
		}
	}
	return q, true
}

func (p *parser) flavor(f *flavors) bool {
	change, ok := flavors{}, false
	if p.kind() == tokName {
		change, ok = flavorChanges[p.tokens[p.i].sym.fold.text]
	}
	if !ok {
		return p.fail("a flavor: EnableOverride, DisableOverride, ToSubclass, Restricted, ToInstance or Translatable")
	}
	if f.on&change.off != 0 || f.off&change.on != 0 {
		return p.fail("no flavor that contradicts the ones before it")
	}
	f.on |= change.on
	f.off |= change.off
	p.advance()
	return true
}

// qualifierType parses the declaration of a qualifier from "qualifier" on.
func (p *parser) qualifierType() *qualifierDecl {
	p.advance()
	d := &qualifierDecl{}
	var ok bool
	if d.name, ok = p.name("the name of a qualifier"); !ok || !p.expect(':', "behind qualifier", d.name) {
		return nil
	}
	if d.typ, ok = p.dataType("a data type"); !ok || !p.brackets(&d.element) {
		return nil
	}
	if p.accept('=') {
		v, ok := p.value()
		if !ok {
			return nil
		}
		d.initial = &v
	}
	if !p.scopes(d) || !p.defaultFlavors(d) || !p.expect(';', "behind qualifier", d.name) {
		return nil
	}
	return d
}

func (p *parser) scopes(d *qualifierDecl) bool {
	if !p.accept(',') || p.keyword() != keyScope {
		return p.fail("a comma and the scope of qualifier " + d.name.String())
	}
	return p.words("scope", func() bool {
		scope, ok := scopeNames[p.tokens[p.i].sym.fold.text]
		if !ok {
			return p.fail("a scope: any, association, class, indication, method, parameter, property or reference")
		}
		d.scope |= scope
		p.advance()
		return true
	})
}

func (p *parser) defaultFlavors(d *qualifierDecl) bool {
	if !p.accept(',') {
		return true
	}
	if p.keyword() != keyFlavor {
		return p.fail("the flavor of qualifier " + d.name.String())
	}
	return p.words("flavor", func() bool {
		return p.flavor(&d.flavors)
	})
}

// words parses "what(word, word)" and calls take at each word, which it consumes.
func (p *parser) words(what string, take func() bool) bool {
	p.advance()
	if !p.expect('(', "behind "+what, name{}) {
		return false
	}
	if p.accept(')') {
		return true
	}
	for {
		if p.kind() != tokName {
			return p.fail("a " + what)
		}
		if !take() {
			return false
		}
		if !p.accept(',') {
			return p.expect(')', "or a comma behind a "+what, name{})
		}
	}
}

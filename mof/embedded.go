package mof

import (
	"math"
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
)

// insideText is the base of text that is in no file of its own: all its places are
// negative.
const insideText pos = math.MinInt32

// embedded compiles a string that holds an instance or a class in MOF (DSP0004 section
// 5.6.3, EmbeddedInstance and EmbeddedObject).
func (c *compiler) embedded(t target, lit literal) (cim.Value, bool) {
	if t.depth >= maxEmbedding {
		c.errors.errorf(lit.pos, "instances are embedded more than %d deep", maxEmbedding)
		return cim.Value{}, false
	}
	if c.errors.within == noPos {
		for _, r := range []*reporter{&c.errors, &c.warning} {
			r.within, r.withinWho = lit.pos, "embedded object"
			defer func() { r.within = noPos }()
		}
	}
	before := len(c.errors.findings) + c.errors.more
	list := c.parseEmbedded(lit)
	if len(c.errors.findings)+c.errors.more > before {
		return cim.Value{}, false
	}
	if len(list) == 1 {
		switch d := list[0].(type) {
		case *instanceDecl:
			return c.embeddedInstance(t, d)
		case *classDecl:
			if t.embedded == cim.EmbeddedAsObject {
				return c.embeddedClass(t, d, before)
			}
		}
	}
	expected := "one instance"
	if t.embedded == cim.EmbeddedAsObject {
		expected = "one instance or class"
	}
	c.errors.errorf(lit.pos, "%s, expected %s", declarations(list), expected)
	return cim.Value{}, false
}

// declarations says what is in a list, for messages.
func declarations(list []declaration) string {
	if len(list) == 0 {
		return "nothing"
	}
	if len(list) > 1 {
		return strconv.Itoa(len(list)) + " declarations"
	}
	switch list[0].(type) {
	case *classDecl:
		return "a class"
	case *qualifierDecl:
		return "a qualifier type"
	default:
		return "a pragma"
	}
}

func (c *compiler) parseEmbedded(lit literal) []declaration {
	f := &sourceFile{name: "embedded object", text: lit.text, base: insideText}
	p := &parser{text: f.text, base: f.base, report: &c.errors, slabs: c.slabs}
	p.tokens = scan(f, c.names, &c.errors, nil, len(f.text))
	var list []declaration
	p.file(func(d declaration) { list = append(list, d) })
	c.slabs = p.slabs
	return list
}

func (c *compiler) embeddedInstance(t target, d *instanceDecl) (cim.Value, bool) {
	d.namespace, d.depth = t.namespace, t.depth+1
	i := &instance{decl: d}
	if !c.beginInstance(i) || !c.assignAll(i, true, t.level) || !c.assignAll(i, false, t.level) {
		return cim.Value{}, false
	}
	if t.class != nil && !i.class.isA(t.class) {
		c.errors.errorf(d.class.pos, "an instance of %s, expected %s or a subclass of it", i.class.name(), t.class.name())
		return cim.Value{}, false
	}
	return cim.EmbeddedInstance(i.value), true
}

// embeddedClass compiles a class that is a value, not part of the schema.
func (c *compiler) embeddedClass(t target, d *classDecl, before int) (cim.Value, bool) {
	d.namespace = t.namespace
	cl := &class{decl: d}
	if d.super.sym != nil {
		if cl.super = c.classes[d.super.sym.fold]; cl.super == nil {
			c.errors.errorf(d.super.pos, "superclass %s is not defined%s", d.super, c.suggestClass(d.super))
			return cim.Value{}, false
		}
	}
	c.resolveClass(cl)
	return cim.EmbeddedClass(cl.local), len(c.errors.findings)+c.errors.more == before
}

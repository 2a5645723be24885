package query

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// truth is a value of three-valued logic. AND is the least, OR the greatest of two.
type truth int8

const (
	no      truth = -1
	unknown truth = 0
	yes     truth = 1
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// row is what a condition is evaluated on.
type row struct {
	inst  *cim.Instance
	class string // behind FROM
	isA   func(class, ancestor string) bool
}

func (r *row) derives(class, ancestor string) bool {
	return cim.EqualNames(class, ancestor) || r.isA != nil && r.isA(class, ancestor)
}

// condition is a part of the text behind WHERE.
type condition interface {
	eval(r *row) truth
	print(p *printer)
	level() int // how tight it binds: 1 OR, 2 AND, 3 NOT, 4 everything else
}

type or []condition

func (o or) level() int { return 1 }

func (o or) eval(r *row) truth {
	result := no
	for _, c := range o {
		if result = max(result, c.eval(r)); result == yes {
			break
		}
	}
	return result
}

func (o or) print(p *printer) { p.chain(o, " OR ", o.level()) }

type and []condition

func (a and) level() int { return 2 }

func (a and) eval(r *row) truth {
	result := yes
	for _, c := range a {
		if result = min(result, c.eval(r)); result == no {
			break
		}
	}
	return result
}

func (a and) print(p *printer) { p.chain(a, " AND ", a.level()) }

type not struct{ inner condition }

func (n not) level() int { return 3 }

func (n not) eval(r *row) truth { return -n.inner.eval(r) }

func (n not) print(p *printer) {
	p.WriteString("NOT ")
	p.condition(n.inner, n.level())
}

type comparison struct {
	left, right operand
	operator    string // = <> < <= > >=
}

func (c comparison) level() int { return 4 }

func (c comparison) eval(r *row) truth {
	left, right := c.left.value(r), c.right.value(r)
	if left.IsNull() || right.IsNull() {
		return unknown
	}
	if c.operator == "=" || c.operator == "<>" {
		result := equal(left, right)
		if c.operator == "<>" {
			return -result
		}
		return result
	}
	order, ok := compare(left, right)
	switch {
	case !ok:
		return unknown
	case order < 0:
		return truthOf(c.operator[0] == '<')
	case order > 0:
		return truthOf(c.operator[0] == '>')
	default:
		return truthOf(len(c.operator) == 2)
	}
}

func (c comparison) print(p *printer) {
	c.left.print(p)
	p.WriteString(" " + c.operator + " ")
	c.right.print(p)
}

type like struct {
	left    operand
	source  string
	pattern matcher
}

func (l like) level() int { return 4 }

func (l like) eval(r *row) truth {
	text, ok := l.left.value(r).Text()
	if !ok {
		return unknown
	}
	return truthOf(l.pattern.match(text))
}

func (l like) print(p *printer) {
	l.left.print(p)
	p.WriteString(" LIKE ")
	p.string(l.source)
}

type isNull struct {
	left    operand
	negated bool
}

func (n isNull) level() int { return 4 }

func (n isNull) eval(r *row) truth { return truthOf(n.left.value(r).IsNull() != n.negated) }

func (n isNull) print(p *printer) {
	n.left.print(p)
	if n.negated {
		p.WriteString(" IS NOT NULL")
		return
	}
	p.WriteString(" IS NULL")
}

type isA struct {
	left  operand
	class string
}

func (a isA) level() int { return 4 }

func (a isA) eval(r *row) truth {
	v := a.left.value(r)
	if inst, ok := v.Instance(); ok {
		return truthOf(r.derives(inst.Class, a.class))
	}
	if class, ok := v.Class(); ok {
		return truthOf(r.derives(class.Name, a.class))
	}
	if ref, ok := v.Reference(); ok {
		return truthOf(r.derives(ref.Class, a.class))
	}
	return unknown
}

func (a isA) print(p *printer) {
	a.left.print(p)
	p.WriteString(" ISA " + a.class)
}

// printer writes a query.
type printer struct {
	strings.Builder

	class string
	quote byte
}

// chain prints conditions with a keyword between; one that is such a chain itself was in
// parentheses and stays there.
func (p *printer) chain(list []condition, between string, level int) {
	for i, c := range list {
		if i > 0 {
			p.WriteString(between)
		}
		p.condition(c, level+1)
	}
}

// condition prints c, in parentheses when it binds less tightly than its place needs.
func (p *printer) condition(c condition, level int) {
	if c.level() >= level {
		c.print(p)
		return
	}
	p.WriteByte('(')
	c.print(p)
	p.WriteByte(')')
}

func (p *printer) string(s string) {
	p.WriteByte(p.quote)
	for i := range len(s) {
		if s[i] == p.quote || s[i] == '\\' {
			p.WriteByte('\\')
		}
		p.WriteByte(s[i])
	}
	p.WriteByte(p.quote)
}

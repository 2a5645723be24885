package query

import (
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
)

// operand is a side of a comparison.
type operand interface {
	value(r *row) cim.Value
	print(p *printer)
}

type literal struct{ v cim.Value }

func (l literal) value(*row) cim.Value { return l.v }

func (l literal) print(p *printer) {
	if text, ok := l.v.Text(); ok {
		p.string(text)
		return
	}
	p.WriteString(l.v.String())
}

// path is a property of the instance or, by further steps, of what is embedded in it.
type path struct {
	steps     []step
	qualified bool // the class behind FROM stood before it
}

// step is a property, within path.
type step struct {
	class    string // before "::", "" where there is none
	property string
	index    int
}

// What stands in step.index instead of an index.
const (
	noIndex    = -1
	wholeArray = -2 // [*]
)

func (f path) value(r *row) cim.Value {
	inst := r.inst
	for _, s := range f.steps[:len(f.steps)-1] {
		next, ok := s.value(r, inst).Instance()
		if !ok {
			return cim.Value{}
		}
		inst = next
	}
	return f.steps[len(f.steps)-1].value(r, inst)
}

func (s step) value(r *row, inst *cim.Instance) cim.Value {
	if s.class != "" && !r.derives(inst.Class, s.class) {
		return cim.Value{}
	}
	p := inst.Property(s.property)
	switch {
	case p == nil && inst == r.inst && cim.EqualNames(s.property, r.class):
		return cim.EmbeddedInstance(inst) // as in CIM_Indication ISA CIM_AlertIndication
	case p == nil:
		return cim.Value{}
	case s.index < 0:
		return p.Value
	case s.index >= p.Value.Len():
		return cim.Value{}
	default:
		return p.Value.Elements()[s.index]
	}
}

func (f path) print(p *printer) {
	if f.qualified {
		p.WriteString(p.class + ".")
	}
	for i, s := range f.steps {
		if i > 0 {
			p.WriteByte('.')
		}
		if s.class != "" {
			p.WriteString(s.class + "::")
		}
		p.WriteString(s.property)
		switch {
		case s.index == wholeArray:
			p.WriteString("[*]")
		case s.index >= 0:
			p.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
}

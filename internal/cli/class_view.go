package cli

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// classView is the declaration of a class in JSON.
type classView struct {
	Class      string         `json:"class"`
	Superclass string         `json:"superclass"` // "" for a root class
	Qualifiers qualifierMap   `json:"qualifiers"`
	Properties []propertyView `json:"properties"`
	Methods    []methodView   `json:"methods"`

	class *cim.Class
}

// qualifierMap holds the values of qualifiers by name.
type qualifierMap map[string]cim.Value

// typeView is a type as DSP0004 declares it.
type typeView struct {
	Type      string `json:"type"` // such as "uint16", "reference"
	Array     bool   `json:"array"`
	ArraySize int    `json:"array_size"` // 0: not fixed
	Reference string `json:"reference"`  // the class that a reference refers to
}

type propertyView struct {
	Name string `json:"name"`
	typeView
	Key        bool         `json:"key"`
	Default    cim.Value    `json:"default"`
	Origin     string       `json:"origin"` // "" where it was not asked for
	Inherited  bool         `json:"inherited"`
	Qualifiers qualifierMap `json:"qualifiers"`
}

type methodView struct {
	Name       string          `json:"name"`
	Returns    string          `json:"returns"` // the type, "" for none
	Origin     string          `json:"origin"`
	Inherited  bool            `json:"inherited"`
	Qualifiers qualifierMap    `json:"qualifiers"`
	Parameters []parameterView `json:"parameters"`
}

type parameterView struct {
	Name string `json:"name"`
	typeView
	In         bool         `json:"in"`
	Out        bool         `json:"out"`
	Qualifiers qualifierMap `json:"qualifiers"`
}

func newClassView(c *cim.Class) classView {
	v := classView{
		Class: c.Name, Superclass: c.SuperClass, Qualifiers: newQualifierMap(c.Qualifiers), class: c,
		Properties: make([]propertyView, len(c.Properties)), Methods: make([]methodView, len(c.Methods)),
	}
	for i := range c.Properties {
		p := &c.Properties[i]
		v.Properties[i] = propertyView{
			Name: p.Name, typeView: newTypeView(p.Value, p.ReferenceClass, p.ArraySize), Key: p.IsKey(), Default: p.Value,
			Origin: p.ClassOrigin, Inherited: p.Propagated, Qualifiers: newQualifierMap(p.Qualifiers),
		}
	}
	for i := range c.Methods {
		v.Methods[i] = newMethodView(&c.Methods[i])
	}
	return v
}

func newMethodView(m *cim.Method) methodView {
	v := methodView{
		Name: m.Name, Origin: m.ClassOrigin, Inherited: m.Propagated, Qualifiers: newQualifierMap(m.Qualifiers),
		Parameters: make([]parameterView, len(m.Parameters)),
	}
	if m.ReturnType != cim.TypeNone {
		v.Returns = m.ReturnType.String()
	}
	for i := range m.Parameters {
		p := &m.Parameters[i]
		v.Parameters[i] = parameterView{
			Name: p.Name, typeView: newTypeView(p.Value, p.ReferenceClass, p.ArraySize),
			In: isInput(p), Out: isOutput(p), Qualifiers: newQualifierMap(p.Qualifiers),
		}
	}
	return v
}

func newTypeView(v cim.Value, reference string, size int) typeView {
	return typeView{Type: v.DeclaredType().String(), Array: v.IsArray(), ArraySize: size, Reference: reference}
}

func newQualifierMap(list []cim.Qualifier) qualifierMap {
	m := make(qualifierMap, len(list))
	for _, q := range list {
		m[q.Name] = q.Value
	}
	return m
}

// isInput reports whether a caller gives the parameter. The In qualifier is true where it does
// not stand (DSP0004 section 5.6.3.23).
func isInput(p *cim.Parameter) bool { return flagged(p.Qualifiers, "In", true) }

// isOutput reports whether a method gives the parameter back.
func isOutput(p *cim.Parameter) bool { return flagged(p.Qualifiers, "Out", false) }

func flagged(list []cim.Qualifier, name string, otherwise bool) bool {
	if q := findQualifier(list, name); q != nil {
		b, _ := q.Value.Boolean()
		return b
	}
	return otherwise
}

// declaredType returns the type in short: "uint16[]", "CIM_System REF".
func (t *typeView) declaredType() string {
	text := t.Type
	if t.Reference != "" {
		text = t.Reference + " REF"
	}
	if t.Array {
		text += "[]"
	}
	return text
}

// signature returns name and parameters in short: "Play(in string Step)".
func (m *methodView) signature() string {
	parameters := make([]string, len(m.Parameters))
	for i := range m.Parameters {
		p := &m.Parameters[i]
		way := "in "
		switch {
		case p.In && p.Out:
			way = "in out "
		case p.Out:
			way = "out "
		}
		parameters[i] = way + p.declaredType() + " " + p.Name
	}
	return m.Name + "(" + strings.Join(parameters, ", ") + ")"
}

package mof

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// printCase is an object and the MOF of it.
type printCase struct {
	Object object
	Args   struct {
		IsInstance bool `json:"is_instance"`
		Indent     int
		MaxLine    int
		LinePos    int `json:"line_pos"`
	}
	Expect struct{ Result string }
}

func TestConformancePrint(t *testing.T) {
	const flavors = "a value has the flavors in force, so those that are in force anyway are not written, and ToInstance is"
	const path = `an object path in MOF has no "/:" before its class (DSP0004 section 8.5)`
	runConformance(t, "tomof", map[string]string{
		"CIMQUALIFIERDECLARATION: all components":             flavors,
		"CIMQUALIFIERDECLARATION: flavor *ToSubclass*":        flavors,
		"CIMQUALIFIERDECLARATION: flavor *EnableOverride*":    flavors,
		"CIMQUALIFIERDECLARATION: flavor *ToInstance*":        flavors,
		"CIMQUALIFIER: boolean type*":                         "a boolean qualifier that is true is its name alone, as the DMTF writes it",
		"CIMINSTANCE: * reference *":                          path,
		"CIMPROPERTY: instance reference *":                   path,
		"CIMPROPERTY: * reference, with default value":        path,
		"CIMQUALIFIERDECLARATION: * has an empty array value": "an empty array is { }, with one space, as in instances",
		"CIMQUALIFIERDECLARATION: * exactly fits onto line":   "there is no space at the end of a line",
	}, printCase.problem)
}

func (c printCase) problem() string {
	p := newPrinter()
	if c.Args.MaxLine > 0 {
		p.width = c.Args.MaxLine
	}
	p.column = c.Args.LinePos
	margin := strings.Repeat(" ", c.Args.Indent)
	switch o := c.Object; o.Kind {
	case "instance":
		p.instance(o.instance())
	case "class":
		p.class(o.class())
	case "property":
		property := o.property()
		if c.Args.IsInstance {
			p.assignment(&property, margin)
		} else {
			p.property(&property, margin)
		}
	case "method":
		m := o.method()
		p.method(&m, margin)
	case "parameter":
		parameter := o.parameter()
		p.parameter(&parameter, margin)
	case "qualifier":
		q := o.qualifier()
		p.qualifier(&q, margin)
	case "qualifierdeclaration":
		p.qualifierType(o.qualifierType())
	default:
		return "unknown kind " + o.Kind
	}
	if got := string(p.b); got != c.Expect.Result {
		return fmt.Sprintf("got\n%s\nwant\n%s", got, c.Expect.Result)
	}
	return ""
}

// object is any kind of object of the table; each uses some of the fields.
type object struct {
	Kind, Name, Type, ClassName, SuperClass, Host, Namespace string

	IsArray        bool   `json:"is_array"`
	ArraySize      int    `json:"array_size"`
	ReferenceClass string `json:"reference_class"`
	ReturnType     string `json:"return_type"`
	Embedded       string `json:"embedded_object"`
	Value          json.RawMessage
	Qualifiers     []object
	Properties     []object
	Methods        []object
	Parameters     []object
	KeyBindings    []object
	Scopes         [][2]any
	Propagated     bool

	Overridable, ToSubclass, ToInstance, Translatable *bool
}

// made returns what read makes of every object.
func made[T any](list []object, read func(object) T) (all []T) {
	for _, o := range list {
		all = append(all, read(o))
	}
	return all
}

func (o object) instance() *cim.Instance {
	return &cim.Instance{
		Class: o.ClassName, Properties: made(o.Properties, object.property), Qualifiers: made(o.Qualifiers, object.qualifier),
	}
}

func (o object) class() *cim.Class {
	return &cim.Class{
		Name: o.ClassName, SuperClass: o.SuperClass, Qualifiers: made(o.Qualifiers, object.qualifier),
		Properties: made(o.Properties, object.property), Methods: made(o.Methods, object.method),
	}
}

func (o object) property() cim.Property {
	return cim.Property{
		Name: o.Name, Value: o.value(), ReferenceClass: o.ReferenceClass, ArraySize: o.ArraySize,
		Propagated: o.Propagated, Qualifiers: made(o.Qualifiers, object.qualifier),
	}
}

func (o object) parameter() cim.Parameter {
	return cim.Parameter{
		Name: o.Name, Value: o.value(), ReferenceClass: o.ReferenceClass, ArraySize: o.ArraySize,
		Qualifiers: made(o.Qualifiers, object.qualifier),
	}
}

func (o object) method() cim.Method {
	m := cim.Method{
		Name: o.Name, Propagated: o.Propagated,
		Parameters: made(o.Parameters, object.parameter), Qualifiers: made(o.Qualifiers, object.qualifier),
	}
	m.ReturnType, _ = cim.ParseType(o.ReturnType)
	return m
}

func (o object) qualifier() cim.Qualifier {
	return cim.Qualifier{Name: o.Name, Value: o.value(), Flavor: o.flavor(), Propagated: o.Propagated}
}

func (o object) qualifierType() cim.QualifierType {
	q := cim.QualifierType{Name: o.Name, Default: o.value(), ArraySize: o.ArraySize, Flavor: o.flavor()}
	for _, scope := range o.Scopes {
		if scope[1] == true {
			q.Scope |= scopeNames[strings.ToLower(fmt.Sprint(scope[0]))]
		}
	}
	return q
}

func (o object) flavor() (f cim.Flavor) {
	for bit, set := range map[cim.Flavor]*bool{
		cim.Overridable: o.Overridable, cim.ToSubclass: o.ToSubclass, cim.ToInstance: o.ToInstance, cim.Translatable: o.Translatable,
	} {
		if set != nil && *set || set == nil && cim.DefaultFlavor&bit != 0 {
			f |= bit
		}
	}
	return f
}

// value makes the value of whatever has one. What cannot be read is NULL, which no case
// with a value expects.
func (o object) value() cim.Value {
	typ, err := cim.ParseType(o.Type)
	if err != nil {
		return cim.Value{}
	}
	var elems []json.RawMessage
	if json.Unmarshal(o.Value, &elems) != nil || elems == nil {
		if o.IsArray {
			return cim.NullArray(typ)
		}
		return scalar(typ, o.Value)
	}
	values := make([]cim.Value, len(elems))
	for i, e := range elems {
		values[i] = scalar(typ, e)
	}
	return cim.ArrayOf(elementType(typ, values), values...)
}

func scalar(typ cim.Type, raw json.RawMessage) cim.Value {
	var text string
	var o object
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return cim.Null(typ)
	case raw[0] == '{' && json.Unmarshal(raw, &o) == nil:
		return o.embedded()
	case json.Unmarshal(raw, &text) != nil:
		text = string(raw) // true and false
	}
	v, err := cim.ParseValue(typ, text)
	if err != nil {
		return cim.Null(typ)
	}
	return v
}

func (o object) embedded() cim.Value {
	switch o.Kind {
	case "instance":
		return cim.EmbeddedInstance(o.instance())
	case "class":
		return cim.EmbeddedClass(o.class())
	default:
		keys := []cim.Key{}
		for _, k := range o.KeyBindings {
			keys = append(keys, cim.Key{Name: k.Name, Value: k.value()})
		}
		path := cim.InstancePath(o.Namespace, o.ClassName, keys...)
		path.Host = o.Host
		return cim.Reference(path)
	}
}

package cimxml

import (
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Values of the tables, as encoding/json decodes them, become cim values below.

type object = map[string]any

func text(o object, name string) string { s, _ := o[name].(string); return s }
func flag(o object, name string) bool   { b, _ := o[name].(bool); return b }
func list(o object, name string) []any  { l, _ := o[name].([]any); return l }
func size(o object) int                 { n, _ := o["array_size"].(float64); return int(n) }

// cimObject makes an object of {"kind": ...}.
func cimObject(o object) (any, error) {
	switch kind := text(o, "kind"); kind {
	case "instance":
		return cimInstance(o)
	case "class":
		return cimClass(o)
	case "instancename", "classname":
		return cimPath(o)
	case "property":
		return cimProperty(o)
	case "parameter":
		return cimParameter(o)
	case "method":
		return cimMethod(o)
	case "qualifier":
		return cimQualifier(o)
	case "qualifierdeclaration":
		return cimQualifierType(o)
	default:
		return nil, fmt.Errorf("unknown kind %q", kind)
	}
}

// each makes a value of every member of a list.
func each[T any](values []any, read func(object) (T, error)) ([]T, error) {
	var all []T
	for _, v := range values {
		made, err := read(v.(object))
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	return all, nil
}

func cimInstance(o object) (i *cim.Instance, err error) {
	i = &cim.Instance{Class: text(o, "classname")}
	if i.Properties, err = each(list(o, "properties"), cimProperty); err != nil {
		return nil, err
	}
	if i.Qualifiers, err = each(list(o, "qualifiers"), cimQualifier); err != nil {
		return nil, err
	}
	if path, ok := o["path"].(object); ok {
		i.Path, err = cimPath(path)
	}
	return i, err
}

func cimClass(o object) (c *cim.Class, err error) {
	c = &cim.Class{Name: text(o, "classname"), SuperClass: text(o, "superclass")}
	if c.Properties, err = each(list(o, "properties"), cimProperty); err != nil {
		return nil, err
	}
	if c.Methods, err = each(list(o, "methods"), cimMethod); err != nil {
		return nil, err
	}
	if path, ok := o["path"].(object); ok {
		if c.Path, err = cimPath(path); err != nil {
			return nil, err
		}
	}
	c.Qualifiers, err = each(list(o, "qualifiers"), cimQualifier)
	return c, err
}

func cimPath(o object) (cim.ObjectPath, error) {
	p := cim.ClassPath(text(o, "namespace"), text(o, "classname"))
	p.Host = text(o, "host")
	if text(o, "kind") == "classname" {
		return p, nil
	}
	p.Keys = []cim.Key{}
	for _, k := range list(o, "keybindings") {
		key := k.(object)
		typ, err := keyType(text(key, "type"))
		if err != nil {
			return p, err
		}
		v, err := cimValue(typ, false, key["value"])
		if err != nil {
			return p, err
		}
		p.Keys = append(p.Keys, cim.Key{Name: text(key, "name"), Value: v})
	}
	return p, nil
}

func keyType(name string) (cim.Type, error) {
	switch name {
	case "integer":
		return cim.TypeInteger, nil
	case "real":
		return cim.TypeReal64, nil
	default:
		return cim.ParseType(name)
	}
}

func cimProperty(o object) (p cim.Property, err error) {
	p = cim.Property{
		Name: text(o, "name"), ClassOrigin: text(o, "class_origin"), ReferenceClass: text(o, "reference_class"),
		Propagated: flag(o, "propagated"), ArraySize: size(o),
	}
	if p.Value, p.Embedded, err = declaredValue(o); err != nil {
		return p, err
	}
	p.Qualifiers, err = each(list(o, "qualifiers"), cimQualifier)
	return p, err
}

func cimParameter(o object) (p cim.Parameter, err error) {
	p = cim.Parameter{Name: text(o, "name"), ReferenceClass: text(o, "reference_class"), ArraySize: size(o)}
	if p.Value, p.Embedded, err = declaredValue(o); err != nil {
		return p, err
	}
	p.Qualifiers, err = each(list(o, "qualifiers"), cimQualifier)
	return p, err
}

// declaredValue makes the value of a property or parameter.
func declaredValue(o object) (v cim.Value, embedded cim.EmbeddedObject, err error) {
	typ, err := cim.ParseType(text(o, "type"))
	if err != nil {
		return v, embedded, err
	}
	switch text(o, "embedded_object") {
	case "instance":
		embedded = cim.EmbeddedAsInstance
	case "object":
		embedded = cim.EmbeddedAsObject
	}
	if embedded != cim.NotEmbedded {
		typ = cim.TypeInstance
	}
	v, err = cimValue(typ, flag(o, "is_array"), o["value"])
	return v, embedded, err
}

func cimMethod(o object) (m cim.Method, err error) {
	m = cim.Method{Name: text(o, "name"), ClassOrigin: text(o, "class_origin"), Propagated: flag(o, "propagated")}
	if name := text(o, "return_type"); name != "" {
		if m.ReturnType, err = cim.ParseType(name); err != nil {
			return m, err
		}
	}
	if m.Parameters, err = each(list(o, "parameters"), cimParameter); err != nil {
		return m, err
	}
	m.Qualifiers, err = each(list(o, "qualifiers"), cimQualifier)
	return m, err
}

func cimQualifier(o object) (q cim.Qualifier, err error) {
	q = cim.Qualifier{Name: text(o, "name"), Propagated: flag(o, "propagated"), Flavor: cimFlavor(o)}
	typ, err := cim.ParseType(text(o, "type"))
	if err != nil {
		return q, err
	}
	q.Value, err = cimValue(typ, flag(o, "is_array"), o["value"])
	return q, err
}

func cimQualifierType(o object) (*cim.QualifierType, error) {
	q := &cim.QualifierType{Name: text(o, "name"), ArraySize: size(o), Flavor: cimFlavor(o)}
	typ, err := cim.ParseType(text(o, "type"))
	if err != nil {
		return nil, err
	}
	for _, scope := range list(o, "scopes") {
		pair, ok := scope.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("unknown scope %v", scope)
		}
		for bit, name := range scopeAttributes() {
			if scope := strings.ToUpper(fmt.Sprint(pair[0])); pair[1] == true && (scope == name || scope == "ANY") {
				q.Scope |= 1 << bit
			}
		}
	}
	q.Default, err = cimValue(typ, flag(o, "is_array"), o["value"])
	return q, err
}

// cimFlavor reads flavors; null is what a missing attribute means.
func cimFlavor(o object) (f cim.Flavor) {
	for name, bit := range map[string]cim.Flavor{
		"overridable": cim.Overridable, "tosubclass": cim.ToSubclass, "toinstance": cim.ToInstance, "translatable": cim.Translatable,
	} {
		if set, ok := o[name].(bool); set || !ok && cim.DefaultFlavor&bit != 0 {
			f |= bit
		}
	}
	return f
}

func cimValue(typ cim.Type, array bool, v any) (cim.Value, error) {
	switch v := v.(type) {
	case nil:
		if array {
			return cim.NullArray(typ), nil
		}
		return cim.Null(typ), nil
	case bool:
		return cim.ParseValue(typ, fmt.Sprint(v))
	case string:
		return cim.ParseValue(typ, v)
	case []any:
		values := []cim.Value{}
		for _, e := range v {
			made, err := cimValue(typ, false, e)
			if err != nil {
				return cim.Value{}, err
			}
			values = append(values, made)
		}
		return arrayOf(values, declared{typ: typ}), nil
	case object:
		return objectValue(v)
	default:
		return cim.Value{}, fmt.Errorf("unknown value %v", v)
	}
}

func objectValue(o object) (cim.Value, error) {
	if text(o, "kind") == "scalar" {
		typ, err := keyType(text(o, "type"))
		if err != nil {
			return cim.Value{}, err
		}
		return cimValue(typ, false, o["value"])
	}
	made, err := cimObject(o)
	if err != nil {
		return cim.Value{}, err
	}
	switch made := made.(type) {
	case *cim.Instance:
		return cim.EmbeddedInstance(made), nil
	case *cim.Class:
		return cim.EmbeddedClass(made), nil
	case cim.ObjectPath:
		return cim.Reference(made), nil
	default:
		return cim.Value{}, fmt.Errorf("a %T is no value", made)
	}
}

// agree compares what was read with what a table holds.
func agree(got, want any) error {
	if o, ok := want.(object); ok && text(o, "kind") != "scalar" {
		made, err := cimObject(o)
		if err != nil {
			return err
		}
		return agreeOnObject(got, made)
	}
	v, ok := got.(cim.Value)
	if !ok {
		return fmt.Errorf("got %T, want %v", got, want)
	}
	return agreeOnValue(v, want)
}

func agreeOnObject(got, want any) error {
	if v, ok := got.(cim.Value); ok {
		if i, ok := v.Instance(); ok {
			got = i
		} else if c, ok := v.Class(); ok {
			got = c
		} else if p, ok := v.Reference(); ok {
			got = p
		}
	}
	same := false
	switch want := want.(type) {
	case *cim.Instance:
		i, ok := got.(*cim.Instance)
		same = ok && i.Equal(want)
	case *cim.Class:
		c, ok := got.(*cim.Class)
		same = ok && c.Equal(want)
	case cim.ObjectPath:
		p, ok := got.(cim.ObjectPath)
		same = ok && p.Equal(want)
	case cim.Property:
		p, ok := got.(cim.Property)
		same = ok && p.Equal(want)
	case cim.Parameter:
		p, ok := got.(cim.Parameter)
		same = ok && p.Equal(want)
	case cim.Method:
		m, ok := got.(cim.Method)
		same = ok && m.Equal(want)
	case cim.Qualifier:
		q, ok := got.(cim.Qualifier)
		same = ok && q.Equal(want)
	case *cim.QualifierType:
		q, ok := got.(*cim.QualifierType)
		same = ok && strings.EqualFold(q.Name, want.Name) && q.Default.Equal(want.Default) &&
			q.ArraySize == want.ArraySize && q.Scope == want.Scope && q.Flavor == want.Flavor
	}
	if !same {
		return fmt.Errorf("got %+v, want %+v", got, want)
	}
	return nil
}

func agreeOnValue(got cim.Value, want any) error {
	same := false
	switch want := want.(type) {
	case nil:
		same = got.IsNull()
	case bool:
		same = strings.EqualFold(got.Lexical(), fmt.Sprint(want))
	case string:
		same = !got.IsNull() && got.Lexical() == want
	case object:
		v, err := objectValue(want)
		same = err == nil && (got.Equal(v) || got.Type().IsInteger() && v.Type().IsInteger() && got.Lexical() == v.Lexical())
	case []any:
		same = got.Len() == len(want) && !got.IsNull()
		for n, e := range got.Elements() {
			if err := agree(e, want[n]); err != nil {
				return err
			}
		}
	}
	if !same {
		return fmt.Errorf("got %v %v, want %v", got.Type(), got, want)
	}
	return nil
}

package simulator

import (
	"github.com/cimwatch/cimwatch/cim"
)

// class returns a class with all it inherits, an error of StatusInvalidClass when there
// is none.
func (s *Server) class(name string) (*cim.Class, error) {
	if c := s.schema.Class(name); c != nil {
		return c, nil
	}
	return nil, cim.Errorf(cim.StatusInvalidClass, "There is no class %s", name)
}

// resolve brings a path as a client wrote it into the one form that the repository
// knows: no host, a namespace, names and key types as the schema has them, references
// in keys likewise. What does not fit the schema stays as it is, and names nothing.
func (s *Server) resolve(path cim.ObjectPath, namespace string) cim.ObjectPath {
	path = path.Local().In(namespace)
	class := s.schema.Class(path.Class)
	if class == nil || path.Keys == nil {
		return path
	}
	path.Class = class.Name
	keys := make([]cim.Key, len(path.Keys))
	for i, k := range path.Keys {
		keys[i] = k
		p := class.Property(k.Name)
		if p == nil {
			continue
		}
		keys[i].Name = p.Name
		if v, err := s.read(p.Value, k.Value, path.Namespace); err == nil {
			keys[i].Value = v
		}
	}
	path.Keys = keys
	return path
}

// read makes an untyped value, as keys and parameters may be, fit a declared value. The
// error is of StatusInvalidParameter for a text that cannot be read as the type.
func (s *Server) read(declared, v cim.Value, namespace string) (cim.Value, error) {
	if v.IsNull() || !untyped(v, declared.DeclaredType()) {
		return s.convert(declared, v, namespace)
	}
	if !v.IsArray() {
		parsed, err := parse(declared.DeclaredType(), v)
		if err != nil {
			return v, err
		}
		return s.convert(declared, parsed, namespace)
	}
	elements := make([]cim.Value, v.Len())
	for i, e := range v.Elements() {
		parsed, err := parse(declared.DeclaredType(), e)
		if err != nil {
			return v, err
		}
		elements[i] = parsed
	}
	return s.convert(declared, cim.ArrayOf(declared.DeclaredType(), elements...), namespace)
}

// untyped reports whether v may be the text of a value of type want.
func untyped(v cim.Value, want cim.Type) bool {
	return v.Type() != want && (v.Type() == cim.TypeString || v.Type() == cim.TypeInteger)
}

func parse(want cim.Type, v cim.Value) (cim.Value, error) {
	if v.IsNull() {
		return cim.Null(want), nil
	}
	parsed, err := cim.ParseValue(want, v.Lexical())
	if err != nil {
		return v, cim.Errorf(cim.StatusInvalidParameter, "%v", err)
	}
	return parsed, nil
}

// convert makes a typed value fit a declared one: NULL gets the declared type, and
// references are resolved. A value of another type is an error of StatusTypeMismatch.
func (s *Server) convert(declared, v cim.Value, namespace string) (cim.Value, error) {
	want, array := declared.DeclaredType(), declared.IsArray()
	switch {
	case v.IsNull() && array:
		return cim.NullArray(want), nil
	case v.IsNull():
		return cim.Null(want), nil
	case v.DeclaredType() != want || v.IsArray() != array:
		return v, cim.Errorf(cim.StatusTypeMismatch, "%s is not %s", describe(v), describe(declared))
	case want != cim.TypeReference:
		return v, nil
	case !array:
		p, _ := v.Reference()
		return cim.Reference(s.resolve(p, namespace)), nil
	}
	elements := make([]cim.Value, v.Len())
	for i, e := range v.Elements() {
		elements[i] = e
		if p, ok := e.Reference(); ok {
			elements[i] = cim.Reference(s.resolve(p, namespace))
		}
	}
	return cim.ArrayOf(cim.TypeReference, elements...), nil
}

func describe(v cim.Value) string {
	if v.IsArray() {
		return "an array of " + v.DeclaredType().String()
	}
	return "a " + v.DeclaredType().String()
}

// complete returns an instance of class with every property the class has, in the
// class's order: the given value, else the class's default, which is mostly NULL.
func (s *Server) complete(class *cim.Class, given *cim.Instance, namespace string) (*cim.Instance, error) {
	whole := &cim.Instance{Class: class.Name, Qualifiers: given.Qualifiers, Properties: make([]cim.Property, len(class.Properties))}
	for i := range class.Properties {
		declared := &class.Properties[i]
		whole.Properties[i] = cim.Property{
			Name: declared.Name, Value: declared.Value, ArraySize: declared.ArraySize, Embedded: declared.Embedded,
		}
	}
	if err := s.assign(whole, given, nil, namespace); err != nil {
		return nil, err
	}
	return whole, nil
}

// assign sets properties of whole, which has all of its class, to the values of given;
// only those that only names when that is not nil.
func (s *Server) assign(whole, given *cim.Instance, only []string, namespace string) error {
	for i := range given.Properties {
		p := &given.Properties[i]
		if only != nil && !contains(only, p.Name) {
			continue
		}
		target := whole.Property(p.Name)
		if target == nil {
			return cim.Errorf(cim.StatusNoSuchProperty, "%s has no property %s", whole.Class, p.Name)
		}
		v, err := s.convert(target.Value, p.Value, namespace)
		if err != nil {
			return cim.Errorf(cim.StatusTypeMismatch, "%s.%s: %s", whole.Class, p.Name, description(err))
		}
		target.Value = v
		if p.Embedded != cim.NotEmbedded {
			target.Embedded = p.Embedded
		}
	}
	return nil
}

// pathOf returns the path that an instance's key properties give it.
func pathOf(class *cim.Class, i *cim.Instance, namespace string) (cim.ObjectPath, error) {
	keys := []cim.Key{}
	for _, name := range class.KeyNames() {
		v := i.Get(name)
		if v.IsNull() {
			return cim.ObjectPath{}, cim.Errorf(cim.StatusInvalidParameter, "Key %s.%s has no value", class.Name, name)
		}
		keys = append(keys, cim.Key{Name: name, Value: v})
	}
	return cim.InstancePath(namespace, class.Name, keys...), nil
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if cim.EqualNames(n, name) {
			return true
		}
	}
	return false
}

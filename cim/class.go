package cim

// Class is the declaration of a class (DSP0201 CLASS).
type Class struct {
	Name       string
	SuperClass string // "" for a root class
	Path       ObjectPath
	Properties []Property // values are the defaults
	Methods    []Method
	Qualifiers []Qualifier
}

// Method is a method of a class (DSP0201 METHOD).
type Method struct {
	Name        string
	ReturnType  Type // TypeNone for a method that returns nothing
	ClassOrigin string
	Propagated  bool
	Parameters  []Parameter
	Qualifiers  []Qualifier
}

// Parameter is a parameter of a method's declaration, or, with its value, of a call.
// Its type is its value's type, which is NULL in a declaration.
type Parameter struct {
	Name           string
	Value          Value
	ReferenceClass string
	ArraySize      int // fixed-size arrays only
	Embedded       EmbeddedObject
	Qualifiers     []Qualifier
}

// Param returns a parameter with a name and a value.
func Param(name string, value Value) Parameter {
	p := Prop(name, value)
	return Parameter{Name: name, Value: value, Embedded: p.Embedded}
}

// Property returns the property of that name, nil when there is none.
func (c *Class) Property(name string) *Property { return findProperty(c.Properties, name) }

// Method returns the method of that name, nil when there is none.
func (c *Class) Method(name string) *Method {
	for n := range c.Methods {
		if EqualNames(c.Methods[n].Name, name) {
			return &c.Methods[n]
		}
	}
	return nil
}

// HasQualifier reports whether a boolean qualifier such as Association, Indication or
// Abstract stands and is not false.
func (c *Class) HasQualifier(name string) bool { return hasQualifier(c.Qualifiers, name) }

// IsKey reports whether the property has the Key qualifier.
func (p *Property) IsKey() bool { return hasQualifier(p.Qualifiers, "Key") }

// Qualifier returns the property's qualifier of that name, nil when there is none.
func (p *Property) Qualifier(name string) *Qualifier { return findQualifier(p.Qualifiers, name) }

// Qualifier returns the class's qualifier of that name, nil when there is none.
func (c *Class) Qualifier(name string) *Qualifier { return findQualifier(c.Qualifiers, name) }

// KeyNames returns the names of the key properties, in order of declaration.
func (c *Class) KeyNames() []string {
	var names []string
	for n := range c.Properties {
		if c.Properties[n].IsKey() {
			names = append(names, c.Properties[n].Name)
		}
	}
	return names
}

// Equal reports whether two classes are declared alike; the order of properties,
// methods and qualifiers does not count, that of parameters does.
func (c *Class) Equal(d *Class) bool {
	if c == nil || d == nil {
		return c == d
	}
	return EqualNames(c.Name, d.Name) && EqualNames(c.SuperClass, d.SuperClass) && c.Path.Equal(d.Path) &&
		equalProperties(c.Properties, d.Properties) && equalMethods(c, d) &&
		equalQualifiers(c.Qualifiers, d.Qualifiers)
}

func equalMethods(c, d *Class) bool {
	if len(c.Methods) != len(d.Methods) {
		return false
	}
	for n := range c.Methods {
		other := d.Method(c.Methods[n].Name)
		if other == nil || !c.Methods[n].Equal(*other) {
			return false
		}
	}
	return true
}

// Equal reports whether two methods are declared alike.
func (m Method) Equal(o Method) bool {
	if len(m.Parameters) != len(o.Parameters) {
		return false
	}
	for n := range m.Parameters {
		if !m.Parameters[n].Equal(o.Parameters[n]) {
			return false
		}
	}
	return EqualNames(m.Name, o.Name) && m.ReturnType == o.ReturnType &&
		EqualNames(m.ClassOrigin, o.ClassOrigin) && m.Propagated == o.Propagated &&
		equalQualifiers(m.Qualifiers, o.Qualifiers)
}

// Equal reports whether two parameters are the same in name, type, value and declaration.
func (p Parameter) Equal(q Parameter) bool {
	return EqualNames(p.Name, q.Name) && p.Value.Equal(q.Value) && p.ArraySize == q.ArraySize &&
		p.Embedded == q.Embedded && EqualNames(p.ReferenceClass, q.ReferenceClass) &&
		equalQualifiers(p.Qualifiers, q.Qualifiers)
}

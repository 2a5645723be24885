package simulator

import (
	"bytes"
	"errors"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// compile checks a class by the rules of MOF (DSP0004 section 5) and works out what it
// inherits. It compiles the class with its ancestors and the qualifier types; of other
// classes it needs only whose subclasses they are. The error is of StatusInvalidParameter.
func (s *schema) compile(c *cim.Class, namespace string) (local, whole *cim.Class, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	source := classSource{schema: s, written: make(map[string]bool)}
	for _, q := range s.qualifiers {
		source.err = errors.Join(source.err, mof.WriteQualifierType(&source.text, q))
	}
	source.class(c)
	compiled, err := source.compile("class "+c.Name, namespace)
	if err != nil {
		return nil, nil, err
	}
	local, whole = compiled.Local(c.Name), compiled.Class(c.Name)
	if local == nil || whole == nil {
		return nil, nil, cim.Errorf(cim.StatusInvalidParameter, "%q is no name of a class", c.Name)
	}
	return local, whole, nil
}

// compileQualifier checks a qualifier type by the rules of MOF. The error is of
// StatusInvalidParameter.
func (s *schema) compileQualifier(q cim.QualifierType) error {
	var source classSource
	source.err = mof.WriteQualifierType(&source.text, q)
	compiled, err := source.compile("qualifier "+q.Name, "")
	if err != nil {
		return err
	}
	if types := compiled.QualifierTypes(); len(types) != 1 || types[0].Name != q.Name {
		return cim.Errorf(cim.StatusInvalidParameter, "%q is no name of a qualifier", q.Name)
	}
	return nil
}

// classSource is a text in MOF that declares a class and what it needs.
type classSource struct {
	schema  *schema
	text    bytes.Buffer
	written map[string]bool // by folded name
	err     error
}

func (x *classSource) compile(what, namespace string) (*mof.Schema, error) {
	if x.err != nil {
		return nil, cim.Errorf(cim.StatusInvalidParameter, "%v", x.err)
	}
	compiled, err := mof.Compile([]mof.Source{{Name: what, Text: x.text.Bytes()}}, &mof.Options{Namespace: namespace})
	if list, ok := errors.AsType[mof.ErrorList](err); ok && len(list) > 0 {
		// The place of the error is one in a text that the client has never seen.
		return nil, cim.Errorf(cim.StatusInvalidParameter, "%s", list[0].Message)
	}
	return compiled, err
}

// class writes a class, its ancestors, and by name the classes that they mention.
func (x *classSource) class(c *cim.Class) {
	var mentioned []string
	for c != nil {
		x.written[cim.FoldName(c.Name)] = true
		x.err = errors.Join(x.err, mof.WriteClass(&x.text, c))
		mentioned = append(mentioned, mentions(c)...)
		super := x.schema.find(c.SuperClass)
		if super == nil {
			break
		}
		c = super.local
	}
	for _, name := range mentioned {
		x.bare(x.schema.find(name))
	}
}

// bare writes classes by their names and ancestors alone.
func (x *classSource) bare(c *class) {
	for ; c != nil && !x.written[cim.FoldName(c.local.Name)]; c = c.super {
		x.written[cim.FoldName(c.local.Name)] = true
		x.err = errors.Join(x.err, mof.WriteClass(&x.text, &cim.Class{Name: c.local.Name, SuperClass: c.local.SuperClass}))
	}
}

// mentions returns the classes that references and embedded instances of a class name.
func mentions(c *cim.Class) []string {
	var names []string
	add := func(reference string, qualifiers []cim.Qualifier) {
		if reference != "" {
			names = append(names, reference)
		}
		for _, q := range qualifiers {
			if text, ok := q.Value.Text(); ok && cim.EqualNames(q.Name, "EmbeddedInstance") {
				names = append(names, text)
			}
		}
	}
	for i := range c.Properties {
		add(c.Properties[i].ReferenceClass, c.Properties[i].Qualifiers)
	}
	for i := range c.Methods {
		add("", c.Methods[i].Qualifiers)
		for _, p := range c.Methods[i].Parameters {
			add(p.ReferenceClass, p.Qualifiers)
		}
	}
	return names
}

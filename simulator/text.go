package simulator

import (
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
)

// What a model holds has to go into answers, and XML cannot carry every character that MOF
// can write (XML 1.0 section 2.2): it is refused when the model is loaded, not each time
// somebody asks.

// checkModel returns an error that names the place of the first text that XML cannot carry.
func checkModel(model *mof.Schema) error {
	for _, name := range model.ClassNames() {
		if err := checkClass(model.Local(name)); err != nil {
			return fmt.Errorf("class %s: %w", name, err)
		}
	}
	for _, i := range model.Instances() {
		if err := checkInstance(i); err != nil {
			return fmt.Errorf("instance %s: %w", i.Path, err)
		}
	}
	return nil
}

func checkClass(c *cim.Class) error {
	if err := checkQualifiers(c.Qualifiers); err != nil {
		return err
	}
	if err := checkProperties(c.Properties); err != nil {
		return err
	}
	for n := range c.Methods {
		if err := checkMethod(&c.Methods[n]); err != nil {
			return fmt.Errorf("method %s: %w", c.Methods[n].Name, err)
		}
	}
	return nil
}

func checkMethod(m *cim.Method) error {
	if err := checkQualifiers(m.Qualifiers); err != nil {
		return err
	}
	for n := range m.Parameters {
		if err := checkQualifiers(m.Parameters[n].Qualifiers); err != nil {
			return fmt.Errorf("parameter %s: %w", m.Parameters[n].Name, err)
		}
	}
	return nil
}

func checkInstance(i *cim.Instance) error {
	if err := checkQualifiers(i.Qualifiers); err != nil {
		return err
	}
	return checkProperties(i.Properties)
}

func checkProperties(list []cim.Property) error {
	for n := range list {
		p := &list[n]
		err := checkQualifiers(p.Qualifiers)
		if err == nil {
			err = checkValue(p.Value)
		}
		if err != nil {
			return fmt.Errorf("property %s: %w", p.Name, err)
		}
	}
	return nil
}

func checkQualifiers(list []cim.Qualifier) error {
	for n := range list {
		if err := checkValue(list[n].Value); err != nil {
			return fmt.Errorf("qualifier %s: %w", list[n].Name, err)
		}
	}
	return nil
}

func checkValue(v cim.Value) error {
	if v.IsArray() {
		for _, e := range v.Elements() {
			if err := checkValue(e); err != nil {
				return err
			}
		}
		return nil
	}
	if i, ok := v.Instance(); ok {
		if err := checkInstance(i); err != nil {
			return fmt.Errorf("instance of %s: %w", i.Class, err)
		}
		return nil
	}
	if c, ok := v.Class(); ok {
		if err := checkClass(c); err != nil {
			return fmt.Errorf("class %s: %w", c.Name, err)
		}
		return nil
	}
	if p, ok := v.Reference(); ok {
		return checkKeys(p)
	}
	if t := v.Type(); t != cim.TypeString && t != cim.TypeChar16 {
		return nil // digits and words
	}
	return cimxml.CheckText(v.Lexical())
}

func checkKeys(p cim.ObjectPath) error {
	for _, k := range p.Keys {
		if err := checkValue(k.Value); err != nil {
			return fmt.Errorf("key %s: %w", k.Name, err)
		}
	}
	return nil
}

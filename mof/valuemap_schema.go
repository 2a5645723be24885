package mof

import "github.com/cimwatch/cimwatch/cim"

// ValueMap returns what the numbers of a property mean, nil when it has no Values or
// they are not usable.
func (s *Schema) ValueMap(class, property string) *ValueMap {
	p := s.property(class, property)
	if p == nil {
		return nil
	}
	m, err := QualifiedValueMap(p.Value.Type(), p.Qualifiers)
	if err != nil {
		return nil
	}
	return m
}

// BitMap returns what the bits of a property mean, nil when it has no BitMap or
// BitValues or they are not usable.
func (s *Schema) BitMap(class, property string) *BitMap {
	p := s.property(class, property)
	if p == nil {
		return nil
	}
	m, err := QualifiedBitMap(p.Value.Type(), p.Qualifiers)
	if err != nil {
		return nil
	}
	return m
}

// property returns an effective property, nil when there is none.
func (s *Schema) property(class, property string) *cim.Property {
	if c := s.Class(class); c != nil {
		return c.Property(property)
	}
	return nil
}

// QualifiedValueMap returns what the numbers of an element mean, a property, a parameter
// or what a method returns, by its type and qualifiers. It is nil without a Values
// qualifier; the errors are those of [NewValueMap].
func QualifiedValueMap(t cim.Type, list []cim.Qualifier) (*ValueMap, error) {
	values := qualifierTexts(list, "Values")
	if values == nil {
		return nil, nil //nolint:nilnil // a nil map is one without meanings
	}
	return NewValueMap(t, qualifierTexts(list, "ValueMap"), values)
}

// QualifiedBitMap returns what the bits of an element mean, by its type and qualifiers.
// It is nil without BitMap and BitValues; the errors are those of [NewBitMap].
func QualifiedBitMap(t cim.Type, list []cim.Qualifier) (*BitMap, error) {
	bits, values := qualifierTexts(list, "BitMap"), qualifierTexts(list, "BitValues")
	if bits == nil && values == nil {
		return nil, nil //nolint:nilnil // a nil map is one without meanings
	}
	return NewBitMap(t, bits, values)
}

// qualifierTexts returns the elements of a qualifier that is an array of strings, nil
// where it is missing or NULL.
func qualifierTexts(list []cim.Qualifier, name string) []string {
	for i := range list {
		if !cim.EqualNames(list[i].Name, name) || list[i].Value.IsNull() {
			continue
		}
		texts := make([]string, 0, list[i].Value.Len())
		for _, e := range list[i].Value.Elements() {
			s, _ := e.Text()
			texts = append(texts, s)
		}
		return texts
	}
	return nil
}

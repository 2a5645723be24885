package cim

import (
	"bytes"
	"encoding/json"
	"math"
)

// MarshalJSON writes a value for programs: NULL as null, booleans, numbers as numbers
// with all their digits (INF, -INF and NaN as strings), strings, char16 and date-times
// as strings, references as object path strings, arrays as arrays, embedded instances
// as {"class", "properties"} and embedded classes as {"class"}.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.IsNull():
		return []byte("null"), nil
	case v.array:
		return marshal(v.Elements())
	}
	switch v.typ {
	case TypeBoolean:
		return json.Marshal(v.num == 1)
	case TypeInstance, TypeClass:
		return marshal(v.ext)
	case TypeReal32, TypeReal64:
		return marshalReal(v)
	case TypeString, TypeChar16, TypeDateTime, TypeReference:
		return marshal(v.Lexical())
	default:
		return []byte(v.Lexical()), nil
	}
}

func marshalReal(v Value) ([]byte, error) {
	f := math.Float64frombits(v.num)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return marshal(v.Lexical())
	case v.typ == TypeReal32:
		return json.Marshal(float32(f))
	default:
		return json.Marshal(f)
	}
}

// MarshalJSON writes {"class", "properties"}, the properties as an object in the order
// they came. The path, where there is one, stands between as "path".
func (i *Instance) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"class":`)
	if err := appendJSON(&b, i.Class); err != nil {
		return nil, err
	}
	if !i.Path.IsZero() {
		b.WriteString(`,"path":`)
		if err := appendJSON(&b, i.Path.String()); err != nil {
			return nil, err
		}
	}
	b.WriteString(`,"properties":`)
	if err := appendJSON(&b, PropertyMap(i.Properties)); err != nil {
		return nil, err
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// PropertyMap is a list of properties that JSON shows as an object, name to value.
type PropertyMap []Property

// MarshalJSON writes the properties as an object in the order they stand.
func (m PropertyMap) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for n := range m {
		if n > 0 {
			b.WriteByte(',')
		}
		if err := appendJSON(&b, m[n].Name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := appendJSON(&b, m[n].Value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func appendJSON(b *bytes.Buffer, v any) error {
	text, err := marshal(v)
	b.Write(text)
	return err
}

// marshal leaves <, > and & as they are, unlike json.Marshal, and leaves it to the
// outermost encoder whether they are escaped for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// MarshalJSON writes {"class"}: the name of an embedded class.
func (c *Class) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		Class string `json:"class"`
	}{c.Name})
}

package cimxml

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
)

// The generators below make values that CIM-XML can carry: names that differ by more
// than case, texts without control characters, nesting within the default limits.

func genName() *rapid.Generator[string] {
	return rapid.StringMatching(`[A-Za-z_é][A-Za-z0-9_ß]{0,8}`)
}

func genText() *rapid.Generator[string] {
	character := rapid.OneOf(
		rapid.RuneFrom([]rune("<>&\"'] \t\r\n;#x0AZé€𐅂\uFFFD")),
		rapid.Rune().Filter(legal),
	)
	return rapid.Custom(func(t *rapid.T) string {
		text := string(rapid.SliceOfN(character, 0, 20).Draw(t, "text"))
		if looksEmbedded([]byte(text)) {
			return "" // it would be read as the object that it looks like
		}
		return text
	})
}

func genDateTime() *rapid.Generator[cim.DateTime] {
	return rapid.Custom(func(t *rapid.T) cim.DateTime {
		micro := rapid.Int64Range(0, 250_000_000_000_000_000).Draw(t, "microseconds")
		if rapid.Bool().Draw(t, "interval") {
			return cim.Interval(time.Duration(micro%(1<<50)) * time.Microsecond)
		}
		zone := time.FixedZone("", 60*rapid.IntRange(-720, 720).Draw(t, "offset"))
		return cim.Timestamp(time.UnixMicro(micro % 250_000_000_000_000).In(zone))
	})
}

// genScalar makes a value of an intrinsic type other than a reference.
func genScalar(typ cim.Type) *rapid.Generator[cim.Value] {
	return rapid.Custom(func(t *rapid.T) cim.Value {
		switch typ {
		case cim.TypeBoolean:
			return cim.Boolean(rapid.Bool().Draw(t, "boolean"))
		case cim.TypeString:
			return cim.String(genText().Draw(t, "string"))
		case cim.TypeChar16:
			return cim.Char16(uint16(rapid.Rune().Filter(func(r rune) bool { return legal(r) && r < 0x10000 }).Draw(t, "char16")))
		case cim.TypeDateTime:
			return genDateTime().Draw(t, "datetime").Value()
		case cim.TypeReal32:
			return cim.Real32(rapid.Float32().Draw(t, "real32"))
		case cim.TypeReal64:
			return cim.Real64(rapid.Float64().Draw(t, "real64"))
		default:
			return genInteger(t, typ)
		}
	})
}

func genInteger(t *rapid.T, typ cim.Type) cim.Value {
	text := fmt.Sprint(rapid.Uint64().Draw(t, "number") >> (64 - typ.Bits()))
	if typ.IsSigned() {
		text = fmt.Sprint(rapid.Int64().Draw(t, "number") >> (64 - typ.Bits()))
	}
	v, err := cim.ParseValue(typ, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// scalarTypes are all types of genScalar.
func scalarTypes() []cim.Type {
	var types []cim.Type
	for typ := cim.TypeBoolean; typ <= cim.TypeDateTime; typ++ {
		types = append(types, typ)
	}
	return types
}

func genPath(depth int) *rapid.Generator[cim.ObjectPath] {
	return rapid.Custom(func(t *rapid.T) cim.ObjectPath {
		p := cim.ClassPath("", genName().Draw(t, "class"))
		if rapid.Bool().Draw(t, "namespace") {
			p.Namespace = rapid.SampledFrom([]string{"root/cimv2", "interop", "a/b/c"}).Draw(t, "name")
			p.Host = rapid.SampledFrom([]string{"", "esx1", "[::1]:5989"}).Draw(t, "host")
		}
		if depth == 0 || rapid.Bool().Draw(t, "instance") {
			p.Keys = genKeys(t, depth)
		}
		return p
	})
}

func genKeys(t *rapid.T, depth int) []cim.Key {
	keys := []cim.Key{}
	for _, name := range genNames(t, 4) {
		typ := rapid.SampledFrom(append(scalarTypes(), cim.TypeReference)).Draw(t, "type")
		if typ != cim.TypeReference {
			keys = append(keys, cim.Key{Name: name, Value: genScalar(typ).Draw(t, "key")})
		} else if depth < 2 {
			p := genPath(depth+1).Draw(t, "key")
			if p.Keys == nil {
				p.Keys = []cim.Key{} // a key refers to no class
			}
			keys = append(keys, cim.Key{Name: name, Value: cim.Reference(p)})
		}
	}
	return keys
}

func genNames(t *rapid.T, most int) []string {
	return rapid.SliceOfNDistinct(genName(), 0, most, cim.FoldName).Draw(t, "names")
}

// genValue makes a value of any type, an array or not, NULL or not.
func genValue(depth int) *rapid.Generator[cim.Value] {
	return rapid.Custom(func(t *rapid.T) cim.Value {
		types := append(scalarTypes(), cim.TypeReference)
		if depth < 2 {
			types = append(types, cim.TypeInstance, cim.TypeClass)
		}
		typ := rapid.SampledFrom(types).Draw(t, "type")
		array := typ != cim.TypeReference && rapid.Bool().Draw(t, "array")
		switch null := rapid.IntRange(0, 5).Draw(t, "null") == 0; {
		case null && array:
			return cim.NullArray(typ)
		case null:
			return cim.Null(typ)
		case array:
			return genArray(t, typ, depth)
		default:
			return genOne(t, typ, depth)
		}
	})
}

func genArray(t *rapid.T, typ cim.Type, depth int) cim.Value {
	elements := make([]cim.Value, rapid.IntRange(0, 3).Draw(t, "length"))
	for n := range elements {
		elements[n] = cim.Null(typ)
		if rapid.IntRange(0, 3).Draw(t, "null") > 0 {
			elements[n] = genOne(t, typ, depth)
		}
	}
	return cim.ArrayOf(typ, elements...)
}

func genOne(t *rapid.T, typ cim.Type, depth int) cim.Value {
	switch typ {
	case cim.TypeReference:
		return cim.Reference(genPath(0).Draw(t, "reference"))
	case cim.TypeInstance:
		return cim.EmbeddedInstance(genInstance(depth+1).Draw(t, "instance"))
	case cim.TypeClass:
		return cim.EmbeddedClass(genClass(depth+1).Draw(t, "class"))
	default:
		return genScalar(typ).Draw(t, "scalar")
	}
}

func genInstance(depth int) *rapid.Generator[*cim.Instance] {
	return rapid.Custom(func(t *rapid.T) *cim.Instance {
		return &cim.Instance{
			Class: genName().Draw(t, "class"), Properties: genProperties(t, depth), Qualifiers: genQualifiers(t),
		}
	})
}

func genProperties(t *rapid.T, depth int) []cim.Property {
	var properties []cim.Property
	for _, name := range genNames(t, 5) {
		p := cim.Prop(name, genValue(depth).Draw(t, "value"))
		if p.Value.Type() == cim.TypeClass && (p.Value.IsNull() || p.Value.IsArray() && allNull(p.Value)) {
			// What a NULL would hold is not told: it comes back as a NULL instance.
			p = cim.Prop(name, cim.Null(cim.TypeUint8))
		}
		if rapid.Bool().Draw(t, "origin") {
			p.ClassOrigin = genName().Draw(t, "origin")
			p.Propagated = rapid.Bool().Draw(t, "propagated")
		}
		if p.Value.Type() == cim.TypeReference {
			p.ReferenceClass = rapid.SampledFrom([]string{"", "CIM_X"}).Draw(t, "reference class")
		}
		if p.Value.IsArray() {
			p.ArraySize = rapid.IntRange(0, 3).Draw(t, "array size")
		}
		p.Qualifiers = genQualifiers(t)
		properties = append(properties, p)
	}
	return properties
}

func allNull(v cim.Value) bool {
	return !slices.ContainsFunc(v.Elements(), func(e cim.Value) bool { return !e.IsNull() })
}

func genQualifiers(t *rapid.T) []cim.Qualifier {
	var qualifiers []cim.Qualifier
	for _, name := range genNames(t, 2) {
		typ := rapid.SampledFrom(scalarTypes()).Draw(t, "type")
		v := genScalar(typ).Draw(t, "value")
		if rapid.Bool().Draw(t, "array") {
			v = cim.ArrayOf(typ, v, cim.Null(typ))
		}
		qualifiers = append(qualifiers, cim.Qualifier{
			Name: name, Value: v, Propagated: rapid.Bool().Draw(t, "propagated"),
			Flavor: cim.Flavor(rapid.IntRange(0, 15).Draw(t, "flavor")),
		})
	}
	return qualifiers
}

func genClass(depth int) *rapid.Generator[*cim.Class] {
	return rapid.Custom(func(t *rapid.T) *cim.Class {
		c := &cim.Class{
			Name: genName().Draw(t, "name"), SuperClass: rapid.SampledFrom([]string{"", "CIM_X"}).Draw(t, "superclass"),
			Properties: genProperties(t, depth), Qualifiers: genQualifiers(t),
		}
		for _, name := range genNames(t, 2) {
			c.Methods = append(c.Methods, genMethod(t, name))
		}
		return c
	})
}

func genMethod(t *rapid.T, name string) cim.Method {
	m := cim.Method{
		Name: name, ReturnType: rapid.SampledFrom(append(scalarTypes(), cim.TypeNone)).Draw(t, "returns"),
		ClassOrigin: rapid.SampledFrom([]string{"", "CIM_X"}).Draw(t, "origin"),
		Propagated:  rapid.Bool().Draw(t, "propagated"), Qualifiers: genQualifiers(t),
	}
	for _, name := range genNames(t, 3) {
		p := cim.Parameter{Name: name, Qualifiers: genQualifiers(t)}
		typ := rapid.SampledFrom(append(scalarTypes(), cim.TypeReference)).Draw(t, "type")
		p.Value = cim.Null(typ)
		if rapid.Bool().Draw(t, "array") {
			p.Value, p.ArraySize = cim.NullArray(typ), rapid.IntRange(0, 3).Draw(t, "array size")
		}
		if typ == cim.TypeReference {
			p.ReferenceClass = "CIM_X"
		}
		m.Parameters = append(m.Parameters, p)
	}
	return m
}

package cim

import (
	"fmt"
	"strings"
)

// Type is a CIM data type (DSP0004 section 5.2.2), of a scalar or of an array's elements.
type Type uint8

// The intrinsic data types, and what may stand in their place. TypeNone is the type of
// the zero Value. TypeInteger is an integer key whose CIM type is not stated: KEYVALUE
// without TYPE (DSP0201) and numbers in the text of an object path (DSP0004 section 8.2).
// TypeInstance and TypeClass are embedded objects (DSP0201 EmbeddedObject), whose
// declared type is string.
const (
	TypeNone Type = iota
	TypeBoolean
	TypeString
	TypeChar16
	TypeUint8
	TypeUint16
	TypeUint32
	TypeUint64
	TypeSint8
	TypeSint16
	TypeSint32
	TypeSint64
	TypeReal32
	TypeReal64
	TypeDateTime
	TypeReference
	TypeInteger
	TypeInstance
	TypeClass
)

// typeNames is indexed by Type and never written.
var typeNames = [...]string{
	"none", "boolean", "string", "char16", "uint8", "uint16", "uint32", "uint64",
	"sint8", "sint16", "sint32", "sint64", "real32", "real64", "datetime", "reference",
	"integer", "instance", "class",
}

// String returns the type's name as DSP0201 and MOF write it, such as "uint16".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// ParseType returns the intrinsic data type of that name, in any case. "ref" is
// another name for reference, as MOF writes it.
func ParseType(name string) (Type, error) {
	for t := TypeBoolean; t <= TypeReference; t++ {
		if typeNames[t] == name {
			return t, nil
		}
	}
	if lower := strings.ToLower(name); lower != name {
		return ParseType(lower)
	}
	if name == "ref" {
		return TypeReference, nil
	}
	return TypeNone, fmt.Errorf("%q is not a CIM type", clip(name))
}

// IsUnsigned reports whether t is one of uint8 to uint64.
func (t Type) IsUnsigned() bool { return t >= TypeUint8 && t <= TypeUint64 }

// IsSigned reports whether t is one of sint8 to sint64.
func (t Type) IsSigned() bool { return t >= TypeSint8 && t <= TypeSint64 }

// IsInteger reports whether t is an integer type, stated or not.
func (t Type) IsInteger() bool { return t.IsUnsigned() || t.IsSigned() || t == TypeInteger }

// IsReal reports whether t is real32 or real64.
func (t Type) IsReal() bool { return t == TypeReal32 || t == TypeReal64 }

// IsNumeric reports whether t is an integer or a real type.
func (t Type) IsNumeric() bool { return t.IsInteger() || t.IsReal() }

// Bits returns the width of a sized numeric type, and 64 for any other.
func (t Type) Bits() int {
	switch t {
	case TypeUint8, TypeSint8:
		return 8
	case TypeUint16, TypeSint16:
		return 16
	case TypeUint32, TypeSint32, TypeReal32:
		return 32
	default:
		return 64
	}
}

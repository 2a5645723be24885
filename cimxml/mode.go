package cimxml

import "fmt"

// Mode says how far a document from outside may be from DSP0201 and DSP0203.
type Mode uint8

// The modes. None of them takes a document that is not well-formed XML, is cut off or
// goes beyond [Limits].
const (
	// ModeDefault takes what servers are known to do, where nothing is lost by it.
	ModeDefault Mode = iota

	// ModeStrict takes what the standards allow. It is for testing servers and clients.
	ModeStrict

	// ModeLenient takes, beyond what ModeDefault does, values that are not of their
	// declared type, as strings with their text, and declarations that mean nothing. It is
	// for indications, which come once: a server whose indication is refused may drop it
	// for good (observed: sfcb).
	ModeLenient
)

// String returns "default", "strict" or "lenient".
func (m Mode) String() string {
	switch m {
	case ModeDefault:
		return "default"
	case ModeStrict:
		return "strict"
	case ModeLenient:
		return "lenient"
	default:
		return fmt.Sprintf("Mode(%d)", uint8(m))
	}
}

// A tolerance is one way in which documents differ from the standards and are taken all
// the same. They are bits of a set.
type tolerance uint32

// The tolerances of ModeDefault.
const (
	// unmarkedObjects: a string that is a whole INSTANCE or CLASS is an embedded object
	// without EmbeddedObject too. Observed: sfcb leaves it out in some answers.
	unmarkedObjects tolerance = 1 << iota

	// capitalEmbedded: EMBEDDEDOBJECT stands for EmbeddedObject, as DSP0201 2.2 spelled
	// it. Observed: OpenPegasus writes both on one element.
	capitalEmbedded

	// emptyObjects: white space or nothing in place of an embedded object is NULL; it can
	// mean nothing else.
	emptyObjects

	// namedObjects: an embedded object is a VALUE.NAMEDINSTANCE or VALUE.INSTANCEWITHPATH:
	// it has its path, which is kept.
	namedObjects

	// namelessRefusals: the ERROR that answers a request which could not be read comes
	// with an empty ID and NAME, and as an IMETHODRESPONSE to whatever it was. Observed:
	// sfcb.
	namelessRefusals

	// typeForParamType: TYPE stands for PARAMTYPE, as on the elements that declare
	// parameters.
	typeForParamType

	// untypedKeys: KEYVALUE says neither VALUETYPE nor TYPE, has an empty TYPE, or a TYPE
	// that its VALUETYPE contradicts. The text is a string then, or what TYPE says.
	untypedKeys

	// anyCase: types, true and false are written in any case, as MOF has them.
	anyCase

	// shortPaths: a path has no host, or no namespace, where the element demands one. They
	// are those of the request.
	shortPaths

	// slashedNamespaces: one NAMESPACE names several levels, or has slashes at its ends.
	slashedNamespaces

	// paddedHosts: white space stands around the text of HOST.
	paddedHosts

	// wholeAnswers: an Open operation is answered with the whole result and without
	// EnumerationContext and EndOfSequence. Observed: sfcb.
	wholeAnswers

	// valuesOfNothing: an operation that returns nothing returns a value, which is passed
	// over.
	valuesOfNothing

	// otherAttributes: attributes that DSP0203 does not know are passed over. They are of
	// other versions, or a server's own.
	otherAttributes
)

// The tolerances that ModeLenient has besides.
const (
	// wrongValues: a value that is not of its declared type, or marked as an embedded
	// object and none, is a string with the text that came. An array in which one element
	// is wrong is one of strings.
	wrongValues tolerance = 1 << (iota + 16)

	// wrongTypes: a declaration with a TYPE that is missing or none of CIM is one of a
	// string.
	wrongTypes

	// wrongAttributes: other attributes with values that they cannot have count as missing.
	wrongAttributes

	// repeatedProperties: an instance has two properties of one name. Both are kept.
	repeatedProperties
)

const (
	defaultTolerances = otherAttributes<<1 - 1
	lenientTolerances = defaultTolerances | wrongValues | wrongTypes | wrongAttributes | repeatedProperties
)

func (m Mode) tolerances() tolerance {
	switch m {
	case ModeStrict:
		return 0
	case ModeLenient:
		return lenientTolerances
	default:
		return defaultTolerances
	}
}

package cimxml

// Limits bound what a document from outside may cost. Zero fields take the value of
// DefaultLimits.
type Limits struct {
	Depth      int // open elements, embedded objects included
	Token      int // bytes of one tag, name or piece of text
	Object     int // bytes of one object of a reply, with all that is in it, or of any other message
	Elements   int // of one object, or of any other message
	Attributes int // of one element
	Embedded   int // embedded objects within embedded objects
}

// DefaultLimits are well above what servers send: the deepest seen is 16 elements, the
// longest text 207 kB (observed: OpenPegasus, an indication at its start). The largest
// class of the DMTF schema has some 5000 elements.
func DefaultLimits() Limits {
	return Limits{Depth: 64, Token: 16 << 20, Object: 64 << 20, Elements: 1 << 18, Attributes: 32, Embedded: 8}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	if l.Depth <= 0 {
		l.Depth = d.Depth
	}
	if l.Token <= 0 {
		l.Token = d.Token
	}
	if l.Object <= 0 {
		l.Object = d.Object
	}
	if l.Elements <= 0 {
		l.Elements = d.Elements
	}
	if l.Attributes <= 0 {
		l.Attributes = d.Attributes
	}
	if l.Embedded <= 0 {
		l.Embedded = d.Embedded
	}
	return l
}

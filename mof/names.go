package mof

import "github.com/cimwatch/cimwatch/cim"

// symbol is a name, held once. Two names are equal without regard to case exactly when
// their fold pointers are equal, so the compiler never compares texts.
type symbol struct {
	text    string
	fold    *symbol // the symbol of the folded name, itself for a folded name
	keyword keyword
	typ     cim.Type
}

// keyword is a word with a meaning in some places. MOF reserves none of them: the DMTF
// schema has properties called Reference, Scope and Indication.
type keyword uint8

const (
	notKeyword keyword = iota
	keyAny
	keyAs
	keyClass
	keyFalse
	keyFlavor
	keyInclude
	keyInstance
	keyNamespace
	keyNull
	keyOf
	keyPragma
	keyQualifier
	keyRef
	keyScope
	keyTrue
	keyVoid
)

// keywords is never written.
var keywords = map[string]keyword{
	"any": keyAny, "as": keyAs, "class": keyClass, "false": keyFalse, "flavor": keyFlavor,
	"include": keyInclude, "instance": keyInstance, "namespace": keyNamespace, "null": keyNull,
	"of": keyOf, "pragma": keyPragma, "qualifier": keyQualifier, "ref": keyRef,
	"scope": keyScope, "true": keyTrue, "void": keyVoid,
}

// names holds the symbols of one compilation.
type names struct {
	symbols map[string]*symbol
}

func newNames() *names {
	n := &names{symbols: make(map[string]*symbol, 1024)}
	for word, k := range keywords {
		n.intern(word).keyword = k
	}
	for t := cim.TypeBoolean; t < cim.TypeReference; t++ {
		n.intern(t.String()).typ = t
	}
	return n
}

// intern returns the symbol of a name. The text is kept.
func (n *names) intern(text string) *symbol {
	if s, ok := n.symbols[text]; ok {
		return s
	}
	s := &symbol{text: text}
	n.symbols[text] = s
	if folded := cim.FoldName(text); folded != text {
		s.fold = n.intern(folded)
	} else {
		s.fold = s
	}
	return s
}

// lookup returns the symbol of a name that occurs in the sources, nil for any other.
func (n *names) lookup(text string) *symbol {
	if s, ok := n.symbols[text]; ok {
		return s
	}
	return n.symbols[cim.FoldName(text)]
}

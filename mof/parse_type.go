package mof

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// dataType parses the name of a data type.
func (p *parser) dataType(what string) (t cim.Type, ok bool) {
	if p.kind() == tokName {
		if t = p.tokens[p.i].sym.fold.typ; t != cim.TypeNone {
			p.advance()
			return t, true
		}
	}
	return t, p.fail(what + p.suggestType())
}

// otherTypes are what the types are called elsewhere. It is never written.
var otherTypes = map[string]string{
	"bool": "boolean", "char": "char16", "double": "real64", "float": "real32", "int": "sint32", "integer": "sint32",
	"int8": "sint8", "int16": "sint16", "int32": "sint32", "int64": "sint64", "uint": "uint32", "uint128": "uint64", "long": "sint64",
	"byte": "uint8", "short": "sint16", "str": "string", "text": "string", "date": "datetime", "time": "datetime",
}

// suggestType returns ", perhaps X" for a word that is probably meant to be type X.
func (p *parser) suggestType() string {
	t := p.tokens[p.i]
	if t.kind != tokName || p.report.many() {
		return ""
	}
	if meant := otherTypes[t.sym.fold.text]; meant != "" {
		return ", perhaps " + meant
	}
	meant := suggest(t.sym.text, func(yield func(string) bool) {
		for typ := cim.TypeBoolean; typ < cim.TypeReference; typ++ {
			if !yield(typ.String()) {
				return
			}
		}
	})
	return strings.Replace(meant, ", expected perhaps", ", perhaps", 1)
}

package cim

import (
	"cmp"
	"slices"
	"strings"
)

// URIForm is one of the ways to write an object path as a WBEM URI (DSP0207).
type URIForm uint8

// The forms of a WBEM URI, by what they make of a path without a namespace or host.
const (
	URIStandard   URIForm = iota // //host/root/cimv2:Class.k="v", /root/cimv2:Class.k="v"
	URICanonical                 // as standard, names in lower case, for comparing
	URICIMObject                 // the CIMObject header of DSP0200: no host, root/cimv2:Class.k="v"
	URIHistorical                // root/cimv2:Class.k="v", Class.k="v" without a namespace
)

// URI returns the path as a WBEM URI, its keys sorted by name whatever their case. An
// instance without keys is written "Class=@", so that it is not taken for a class.
// [ParseObjectPath] reads all forms.
func (p ObjectPath) URI(form URIForm) string {
	var b strings.Builder
	p.writeURI(&b, form)
	return b.String()
}

func (p ObjectPath) writeURI(b *strings.Builder, form URIForm) {
	fold := func(name string) string { return name }
	if form == URICanonical {
		fold = FoldName
	}
	b.WriteString(p.uriPrefix(form, fold) + fold(p.Class))
	if p.Keys != nil && len(p.Keys) == 0 {
		b.WriteString("=@")
	}
	separator := byte('.')
	for _, k := range sortedKeys(p.Keys) {
		b.WriteByte(separator)
		b.WriteString(fold(k.Name) + "=" + uriKey(k.Value, form))
		separator = ','
	}
}

// uriPrefix returns what stands before the class name.
func (p ObjectPath) uriPrefix(form URIForm, fold func(string) string) string {
	prefix := ""
	switch {
	case p.Host != "" && form == URICIMObject:
		prefix = "/"
	case p.Host != "":
		prefix = "//" + fold(p.Host) + "/"
	case form == URIStandard || form == URICanonical:
		prefix = "/"
	case form == URIHistorical && p.Namespace == "":
		return ""
	}
	return prefix + fold(p.Namespace) + ":"
}

func sortedKeys(keys []Key) []Key {
	return slices.SortedStableFunc(slices.Values(keys), func(a, b Key) int {
		return cmp.Compare(FoldName(a.Name), FoldName(b.Name))
	})
}

// uriKey returns the value of a key. A reference is a URI of the same form in quotes.
func uriKey(v Value, form URIForm) string {
	if p, ok := v.Reference(); ok {
		return quoteKey(p.URI(form))
	}
	return formatKey(v)
}

package cim

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// ObjectPath names a class or an instance (DSP0004 section 8.2): "class" without Keys,
// "instance" with them. Host and Namespace are empty where the path is local or
// relative. Host may carry a port, and brackets around an IPv6 address.
type ObjectPath struct {
	Host      string
	Namespace string // no slash at either end, "root/cimv2"
	Class     string
	Keys      []Key // nil for a class; an instance without keys has an empty slice
}

// Key is one key of an instance path. Value is a string, a number, a boolean, a
// date-time or a reference; never NULL and never an array.
type Key struct {
	Name  string
	Value Value
}

// ClassPath returns the path of a class.
func ClassPath(namespace, class string) ObjectPath {
	return ObjectPath{Namespace: CleanNamespace(namespace), Class: class}
}

// InstancePath returns the path of an instance.
func InstancePath(namespace, class string, keys ...Key) ObjectPath {
	if keys == nil {
		keys = []Key{}
	}
	return ObjectPath{Namespace: CleanNamespace(namespace), Class: class, Keys: keys}
}

// IsZero reports whether p names nothing.
func (p ObjectPath) IsZero() bool {
	return p.Class == "" && p.Keys == nil && p.Namespace == "" && p.Host == ""
}

// IsInstance reports whether p names an instance.
func (p ObjectPath) IsInstance() bool { return p.Keys != nil }

// Key returns the value of a key, the zero Value when there is no such key.
func (p ObjectPath) Key(name string) Value {
	for i := range p.Keys {
		if EqualNames(p.Keys[i].Name, name) {
			return p.Keys[i].Value
		}
	}
	return Value{}
}

// KeyText returns the text of a string key, "" when there is no such key.
func (p ObjectPath) KeyText(name string) string {
	s, _ := p.Key(name).Text()
	return s
}

// Local returns p without its host, which is a server's own idea of its name
// (observed: sfcb puts its name there, not the address dialled).
func (p ObjectPath) Local() ObjectPath {
	p.Host = ""
	return p
}

// Relative returns p without host and namespace: the model path.
func (p ObjectPath) Relative() ObjectPath {
	p.Host, p.Namespace = "", ""
	return p
}

// In returns p in another namespace when it has none of its own.
func (p ObjectPath) In(namespace string) ObjectPath {
	if p.Namespace == "" {
		p.Namespace = CleanNamespace(namespace)
	}
	return p
}

// Equal reports whether two paths name the same object: names in any case, keys in any
// order, integer keys by number whatever their type, date-times by the moment, string
// keys to the letter (DSP0004 section 8.2.5). A string that reads as a date-time or as an
// instance path counts as one, since not every form of a path tells them apart. Host and
// namespace are compared too; use Local or Relative where they should not be.
func (p ObjectPath) Equal(q ObjectPath) bool {
	return len(p.Keys) == len(q.Keys) && p.IsInstance() == q.IsInstance() &&
		EqualNames(p.Class, q.Class) && EqualNames(p.Namespace, q.Namespace) &&
		EqualNames(p.Host, q.Host) && p.Canonical() == q.Canonical()
}

// Canonical returns a text that is equal for equal paths, for map keys and sorting:
// names in lower case, keys sorted by name, numbers and date-times in one form.
func (p ObjectPath) Canonical() string {
	var room [canonicalRoom]byte
	return string(p.appendCanonical(room[:0]))
}

// canonicalRoom is what most paths need.
const canonicalRoom = 256

func (p ObjectPath) appendCanonical(b []byte) []byte {
	if p.Host != "" {
		b = append(appendFolded(append(b, "//"...), p.Host), '/')
	}
	if p.Namespace != "" || p.Host != "" {
		b = append(appendFolded(b, p.Namespace), ':')
	}
	b = appendFolded(b, p.Class)
	switch {
	case p.Keys == nil:
		return b
	case len(p.Keys) == 0:
		return append(b, "=@"...)
	}
	var room [canonicalRoom]byte
	var few [8][2]int
	keys, parts := room[:0], few[:0] // where each begins and ends among the keys
	for _, k := range p.Keys {
		from := len(keys)
		keys = appendCanonicalKey(append(appendFolded(keys, k.Name), '='), k.Value)
		parts = append(parts, [2]int{from, len(keys)})
	}
	slices.SortFunc(parts, func(x, y [2]int) int { return bytes.Compare(keys[x[0]:x[1]], keys[y[0]:y[1]]) })
	for n, part := range parts {
		b = append(b, ".,"[min(n, 1)])
		b = append(b, keys[part[0]:part[1]]...)
	}
	return b
}

// appendFolded appends what FoldName returns.
func appendFolded(b []byte, name string) []byte {
	start := len(b)
	for n := range len(name) {
		c := name[n]
		if c >= utf8.RuneSelf {
			return append(b[:start], FoldName(name)...)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

func appendCanonicalKey(b []byte, v Value) []byte {
	s, ok := v.Text()
	if !ok || quotedValue(s, 0).Type() != TypeString {
		return append(b, canonicalKey(v)...)
	}
	b = append(b, '"')
	b = append(b, escapeKey(s, '"')...)
	return append(b, '"')
}

func canonicalKey(v Value) string {
	if s, ok := v.Text(); ok {
		v = quotedValue(s, 0)
	}
	switch {
	case v.Type() == TypeReference:
		p, _ := v.Reference()
		return quoteKey(p.Canonical())
	case v.Type() == TypeDateTime:
		return quoteKey(v.dateTime().canonical())
	case isZeroReal(v):
		return formatKey(Real64(0)) // of either sign
	default:
		return formatKey(v)
	}
}

func isZeroReal(v Value) bool {
	f, ok := v.Float64()
	return ok && f == 0 && v.Type().IsReal()
}

// String returns the path as CIM servers write it into properties such as
// AlertingManagedElement (observed: VMware's OMC providers; DSP0004 section 8.2.1):
//
//	root/cimv2:CIM_Fan.DeviceID="fan1",SystemName="esx"
//
// with "//host/" before the namespace when there is a host. [ParseObjectPath] reads it.
func (p ObjectPath) String() string {
	var b strings.Builder
	writePrefix(&b, p.Host, p.Namespace)
	b.WriteString(p.Class)
	if p.Keys != nil && len(p.Keys) == 0 {
		b.WriteString("=@")
	}
	for i, k := range p.Keys {
		if i == 0 {
			b.WriteByte('.')
		} else {
			b.WriteByte(',')
		}
		b.WriteString(k.Name)
		b.WriteByte('=')
		b.WriteString(formatKey(k.Value))
	}
	return b.String()
}

func writePrefix(b *strings.Builder, host, namespace string) {
	if host != "" {
		b.WriteString("//" + host + "/")
	}
	if namespace != "" || host != "" {
		b.WriteString(namespace + ":")
	}
}

func formatKey(v Value) string {
	switch v.Type() {
	case TypeString, TypeDateTime, TypeReference:
		return quoteKey(v.Lexical())
	case TypeChar16:
		return "'" + escapeKey(v.Lexical(), '\'') + "'"
	default:
		return v.Lexical()
	}
}

func quoteKey(s string) string { return `"` + escapeKey(s, '"') + `"` }

// escapeKey puts a backslash before quotes and backslashes (DSP0004 section 8.2.2).
func escapeKey(s string, quote byte) string {
	if strings.IndexByte(s, quote) < 0 && strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] == quote || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

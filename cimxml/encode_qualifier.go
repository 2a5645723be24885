package cimxml

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// qualifierType returns QUALIFIER.DECLARATION.
func (x *encoder) qualifierType(q *cim.QualifierType) *etree.Element {
	e := element("QUALIFIER.DECLARATION", "NAME", q.Name, "TYPE", typeName(q.Default),
		"ISARRAY", strconv.FormatBool(q.Default.IsArray()))
	if q.ArraySize > 0 {
		e.CreateAttr("ARRAYSIZE", strconv.Itoa(q.ArraySize))
	}
	markFlavor(e, q.Flavor)
	scope := element("SCOPE")
	for bit, name := range scopeAttributes() {
		if q.Scope&(1<<bit) != 0 {
			scope.CreateAttr(strings.ToUpper(name), "true")
		}
	}
	if q.Scope != 0 {
		e.AddChild(scope)
	}
	if !q.Default.IsNull() {
		e.AddChild(x.value(q.Default))
	}
	return e
}

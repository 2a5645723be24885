package cimxml

import (
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

func (x *encoder) qualifiers(list []cim.Qualifier) {
	for n := range list {
		x.qualifier(&list[n])
	}
}

func (x *encoder) qualifier(q *cim.Qualifier) {
	x.begin("QUALIFIER")
	x.attr("NAME", q.Name)
	x.attr("TYPE", typeName(q.Value))
	x.flag("PROPAGATED", q.Propagated)
	x.flavor(q.Flavor)
	x.gt()
	x.value(q.Value)
	x.end("QUALIFIER")
}

// flavor writes the flavors that differ from what a missing attribute means.
func (x *encoder) flavor(f cim.Flavor) {
	if f&cim.Overridable == 0 {
		x.attr("OVERRIDABLE", "false")
	}
	if f&cim.ToSubclass == 0 {
		x.attr("TOSUBCLASS", "false")
	}
	x.flag("TOINSTANCE", f&cim.ToInstance != 0)
	x.flag("TRANSLATABLE", f&cim.Translatable != 0)
}

// qualifierType writes QUALIFIER.DECLARATION.
func (x *encoder) qualifierType(q *cim.QualifierType) {
	x.begin("QUALIFIER.DECLARATION")
	x.attr("NAME", q.Name)
	x.attr("TYPE", typeName(q.Default))
	x.attr("ISARRAY", strconv.FormatBool(q.Default.IsArray()))
	x.arraySize(q.ArraySize)
	x.flavor(q.Flavor)
	x.gt()
	if q.Scope != 0 {
		x.begin("SCOPE")
		for bit, name := range scopeAttributes() {
			x.flag(strings.ToUpper(name), q.Scope&(1<<bit) != 0)
		}
		x.gt()
		x.end("SCOPE")
	}
	x.value(q.Default)
	x.end("QUALIFIER.DECLARATION")
}

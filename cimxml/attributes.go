package cimxml

import "slices"

// checkAttributes refuses attributes that DSP0203 does not give an element, where the mode
// does.
func (d *decoder) checkAttributes() {
	allowed := attributesOf(d.name)
	for i := range d.tag.attrs {
		if name := d.tag.attrs[i].name; !slices.Contains(allowed, name) {
			d.invalid("%s has the attribute %s, which DSP0203 does not know", d.name, clipName(name))
			return
		}
	}
}

// attributesOf returns the attributes that an element may have (DSP0203 2.3.1 and 2.4.0).
func attributesOf(element string) []string {
	switch element {
	case "CIM":
		return []string{"CIMVERSION", "DTDVERSION"}
	case "MESSAGE":
		return []string{"ID", "PROTOCOLVERSION"}
	case "NAMESPACE", "CLASSNAME", "KEYBINDING", "METHODCALL", "IMETHODCALL", "EXPMETHODCALL", "METHODRESPONSE",
		"IMETHODRESPONSE", "EXPMETHODRESPONSE", "IPARAMVALUE", "EXPPARAMVALUE":
		return []string{"NAME"}
	case "INSTANCENAME":
		return []string{"CLASSNAME"}
	case "KEYVALUE":
		return []string{"VALUETYPE", "TYPE"}
	case "PARAMVALUE":
		return []string{"NAME", "PARAMTYPE", "EmbeddedObject"}
	case "RETURNVALUE":
		return []string{"PARAMTYPE", "EmbeddedObject"}
	case "ERROR":
		return []string{"CODE", "DESCRIPTION"}
	case "CORRELATOR", "PARAMETER":
		return []string{"NAME", "TYPE"}
	default:
		return attributesOfDeclaration(element)
	}
}

// attributesOfDeclaration does the same for what classes and instances consist of.
func attributesOfDeclaration(element string) []string {
	switch element {
	case "CLASS":
		return []string{"NAME", "SUPERCLASS"}
	case "INSTANCE":
		return []string{"CLASSNAME", "xml:lang"}
	case "PROPERTY":
		return []string{"NAME", "TYPE", "CLASSORIGIN", "PROPAGATED", "EmbeddedObject", "xml:lang"}
	case "PROPERTY.ARRAY":
		return []string{"NAME", "TYPE", "ARRAYSIZE", "CLASSORIGIN", "PROPAGATED", "EmbeddedObject", "xml:lang"}
	case "PROPERTY.REFERENCE":
		return []string{"NAME", "REFERENCECLASS", "CLASSORIGIN", "PROPAGATED"}
	case "METHOD":
		return []string{"NAME", "TYPE", "CLASSORIGIN", "PROPAGATED"}
	case "PARAMETER.REFERENCE":
		return []string{"NAME", "REFERENCECLASS"}
	case "PARAMETER.ARRAY":
		return []string{"NAME", "TYPE", "ARRAYSIZE"}
	case "PARAMETER.REFARRAY":
		return []string{"NAME", "REFERENCECLASS", "ARRAYSIZE"}
	case "QUALIFIER":
		return []string{"NAME", "TYPE", "PROPAGATED", "OVERRIDABLE", "TOSUBCLASS", "TOINSTANCE", "TRANSLATABLE", "xml:lang"}
	case "QUALIFIER.DECLARATION":
		return []string{"NAME", "TYPE", "ISARRAY", "ARRAYSIZE", "OVERRIDABLE", "TOSUBCLASS", "TOINSTANCE", "TRANSLATABLE"}
	case "SCOPE":
		return []string{"CLASS", "ASSOCIATION", "REFERENCE", "PROPERTY", "METHOD", "PARAMETER", "INDICATION"}
	default:
		return nil
	}
}

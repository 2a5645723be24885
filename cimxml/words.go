package cimxml

// word returns text as a string when it is a word of CIM-XML itself: an element, an
// attribute or a type (DSP0203). No string is made of what every document holds. It
// returns "" for everything else.
func word(text []byte) string {
	if len(text) >= len(words) {
		return ""
	}
	for _, w := range words[len(text)] {
		if string(text) == w {
			return w
		}
	}
	return ""
}

// words are by their lengths, those that come most often first.
var words = [...][]string{
	2:  {"ID"},
	3:  {"CIM", "1.0", "2.0"},
	4:  {"NAME", "TYPE", "HOST", "CODE", "true"},
	5:  {"VALUE", "ERROR", "CLASS", "SCOPE", "uint8", "sint8", "false"},
	6:  {"string", "uint16", "uint32", "METHOD", "char16", "uint64", "sint16", "sint32", "sint64", "real32", "real64", "object"},
	7:  {"boolean", "MESSAGE", "ISARRAY", "numeric"},
	8:  {"PROPERTY", "KEYVALUE", "INSTANCE", "datetime", "instance"},
	9:  {"CLASSNAME", "VALUETYPE", "SIMPLEREQ", "SIMPLERSP", "CLASSPATH", "NAMESPACE", "PARAMETER", "QUALIFIER", "PARAMTYPE", "ARRAYSIZE", "reference"},
	10: {"KEYBINDING", "METHODCALL", "PARAMVALUE", "OBJECTPATH", "VALUE.NULL", "CIMVERSION", "DTDVERSION", "PROPAGATED", "SUPERCLASS", "TOSUBCLASS", "TOINSTANCE"},
	11: {"VALUE.ARRAY", "IMETHODCALL", "IPARAMVALUE", "RETURNVALUE", "CLASSORIGIN", "DESCRIPTION", "OVERRIDABLE"},
	12: {"INSTANCENAME", "SIMPLEEXPREQ", "SIMPLEEXPRSP", "IRETURNVALUE", "INSTANCEPATH", "VALUE.OBJECT", "TRANSLATABLE"},
	13: {"EXPMETHODCALL", "EXPPARAMVALUE", "NAMESPACEPATH"},
	14: {"PROPERTY.ARRAY", "METHODRESPONSE", "LOCALCLASSPATH", "VALUE.REFARRAY", "EmbeddedObject", "EMBEDDEDOBJECT", "REFERENCECLASS"},
	15: {"VALUE.REFERENCE", "IMETHODRESPONSE", "PARAMETER.ARRAY", "PROTOCOLVERSION"},
	17: {"EXPMETHODRESPONSE", "LOCALINSTANCEPATH"},
	18: {"LOCALNAMESPACEPATH", "PROPERTY.REFERENCE", "PARAMETER.REFARRAY"},
	19: {"PARAMETER.REFERENCE", "VALUE.NAMEDINSTANCE"},
	20: {"VALUE.OBJECTWITHPATH"},
	21: {"QUALIFIER.DECLARATION"},
	22: {"VALUE.INSTANCEWITHPATH"},
	25: {"VALUE.OBJECTWITHLOCALPATH"},
}

// Package cim holds the values of the DMTF Common Information Model (DSP0004):
// classes, instances, object paths, properties, qualifiers, typed values,
// date-times and the errors a CIM server answers with. Every other package
// speaks in these types; none of them knows anything about XML or HTTP.
//
// The shortest useful program reads an alert's fields:
//
//	severity, ok := alert.Get("PerceivedSeverity").Uint64()
//	element, err := cim.ParseObjectPath(alert.Text("AlertingManagedElement"))
//
// # Names
//
// CIM names compare without regard to case (DSP0004 section 5.2). The types keep
// a name as it was written; lookups and Equal methods fold case.
//
// # NULL
//
// NULL is a value of a type, so a [Value] carries both: Value.IsNull tells whether
// there is a value, Value.Type which type it has or would have. The zero Value is a
// NULL of no type, which is also what a lookup of a missing property gives: in an
// indication every property may be missing (observed: sfcb and OpenPegasus leave
// out or strip properties), so absent and NULL are read alike.
//
// # Concurrency
//
// Values are plain data. Reading from several goroutines is safe, changing what
// others read is not.
package cim

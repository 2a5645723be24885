// Package typed moves values between CIM instances and Go structs. It is what the code
// that "cimwatch mof gen" writes is built on; programs use that code:
//
//	var alert OMCIpmiAlertIndication
//	if err := alert.FromInstance(indication.Instance); err != nil { ... }
//	if alert.GetAlertType() == CIMAlertIndicationAlertTypeSecurityAlert { ... }
//
// Every property may be NULL: a field is a pointer, nil for NULL, or a slice, nil for NULL.
// A property that an instance does not have is NULL. An element of an array that is NULL is
// the zero value of its type.
package typed

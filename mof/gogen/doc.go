// Package gogen writes Go structs for CIM classes, so that a program handles instances and
// indications with typed fields:
//
//	source, err := gogen.Generate(schema, &gogen.Options{Package: "alerts", Classes: []string{"OMC_IpmiAlertIndication"}})
//
// "cimwatch mof gen" is this as a command.
//
// # What is written
//
// For each class a struct with all properties, also those it inherits: fields read as they
// would in a Go program, with no levels in between. Every property of an indication may be
// NULL or missing, so a field is a pointer, or a slice of an array, with a getter that
// returns the zero value for NULL. Methods FromInstance and Instance convert; a constant has
// the name of the class. Methods of classes are not written.
//
// For each integer property with Values a type, named after the class that gives them, with
// a constant for each single value and a String method. Ranges and what is reserved have
// none.
//
// # Names
//
// Underscores go, and the letter behind each becomes upper case: OMC_IpmiAlertIndication is
// OMCIpmiAlertIndication.
//
// The code imports packages cim and cim/typed.
package gogen

// Package mof compiles MOF, the language in which the DMTF and vendors write CIM
// classes and instances (DSP0004 version 2), to values of package cim.
//
// The shortest useful program compiles a file and looks at a class:
//
//	schema, err := mof.CompileFS(os.DirFS("models"), []string{"host.mof"}, nil)
//	if err != nil {
//		return err // a mof.ErrorList: everything that is wrong, file:line:column
//	}
//	for _, p := range schema.Class("CIM_Fan").Properties {
//		fmt.Println(p.Name, p.Value.Type(), p.ClassOrigin)
//	}
//
// # Meaning of numbers
//
// ValueMap and Values qualifiers give numbers their meaning. [Schema.ValueMap] reads
// them from compiled sources; [BuiltinValues] knows those of the whole DMTF schema
// without any files:
//
//	mof.BuiltinValues().Meaning("OMC_IpmiAlertIndication", "AlertType", 8) // "Security Alert"
//
// That table takes 211 kB of the program: the 999 different value maps of 900 classes, and
// the classes of ESXi hosts by their standard superclass. It is made of the schema that
// the DMTF publishes, by
//
//	CIMWATCH_SCHEMA=cim_schema_2.49.0Final-MOFs.zip go generate ./mof
//
// [Schema.BitMap] does the same for single bits (BitMap and BitValues), and [Schema.Unit]
// gives the unit of a number (PUnit and Units) as SI writes it.
//
// # Where a schema comes from
//
// [Compile] takes texts, [CompileFS] the files of a folder, and [CompileZip] those of an
// archive such as the DMTF publishes. [NewSchema] takes classes that are there already,
// as a client reads them from a CIM server.
//
// # What is accepted
//
// Declarations may come in any order: a class may stand before its superclass, an
// instance before its class, an alias before its instance. Classes and qualifier types
// are shared by all namespaces; instances belong to the namespace of the last namespace
// pragma in their file. Keywords are keywords only where the language expects them.
// Sources are UTF-8, with or without a byte order mark.
//
// Everything is bounded: the size of all sources together, includes inside includes,
// instances embedded in strings, the depth of inheritance, the number of errors.
package mof

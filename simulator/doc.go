// Package simulator is a CIM server in memory: classes and instances from MOF, the
// operations of CIM-XML, and indications that are delivered to listeners. It behaves like
// sfcb, the CIM server inside VMware ESXi, where servers differ.
//
// The shortest useful program starts a simulated ESXi host and opens its case:
//
//	model, err := simulator.ESXi()
//	...
//	server, err := simulator.New(model, nil)
//	...
//	if err := server.Listen("127.0.0.1:0"); err != nil { ... }
//	defer server.Close(ctx)
//	fmt.Println(server.URL()) // subscribe here
//	err = server.Play(ctx, "case-opened")
//
// # Namespaces
//
// Every class is visible in every namespace: root/cimv2, the interop namespace, and those
// that the model's instances are declared in. Filters, handlers and subscriptions work in
// the interop namespace only; elsewhere they are created and do nothing, as on sfcb.
//
// # Changing things
//
// A program changes the model with [Server.Create], [Server.Update] and [Server.Delete],
// and sends indications with [Server.Fire]. Neither implies the other: hosts change
// silently, and send alerts that nothing in the model reflects. [Creation],
// [Modification] and [Deletion] make the indication that fits a change. Clients change
// the model with the operations of CIM-XML, and play the scenario with the method
// PlayStep of the class CIMWATCH_Simulator.
//
// # Operations
//
// Every operation of DSP0200 is answered but ExportIndication, also those that sfcb has
// not: pull operations, queries in WQL and DMTF:CQL, qualifiers, and changes of classes,
// which are checked by the rules of MOF. Filters of pull operations are in DMTF:FQL,
// with the LIKE of DMTF:CQL. Creating and deleting instances of CIM_Namespace or
// __Namespace in the interop namespace makes and removes namespaces.
//
// Long results are written as they are made: to list 100,000 instances takes no more
// memory than to list ten. What changes meanwhile may or may not be in the result.
//
// # Faults
//
// [Server.Fault] makes answers late, cut off, malformed, refused or slow, for tests of
// clients.
//
// # Delivery
//
// Each handler has a queue and sends from it one after the other. [Options].Profile says
// as which server. sfcb makes a new connection per indication; what fails is tried again
// later, and other indications pass it, so a listener sees numbers out of order.
// OpenPegasus keeps the order: while it tries again, later indications wait. A
// subscription that keeps failing is deleted or disabled where Options.RemoveAfter or
// Options.DisableAfter says so. Everything is in memory and lost at the end.
//
// # Caveats
//
// Associations are followed within the namespace of the association instance. Classes and
// qualifier types are those of the whole server, whatever namespace they are created in.
// A class with subclasses or instances cannot be modified. The flavors that a client gives
// to the qualifiers of a class are those of their types.
package simulator

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
// # Delivery
//
// Each handler has a queue, sends from it in order on a new connection per indication, and
// tries again as sfcb does; while it does, later indications wait. Everything is in memory
// and lost at the end.
//
// # Caveats
//
// Associations are followed between instances, not between classes, and within the
// namespace of the association instance. Queries, pull operations and changes of classes
// are answered with StatusNotSupported.
package simulator

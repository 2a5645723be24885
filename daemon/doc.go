// Package daemon is cimwatch serve: it wires the listener, the journal, the inventory and
// the subscriptions of all configured hosts together and runs them until it is told to
// stop.
//
// The shortest useful program is a daemon:
//
//	config, err := daemon.LoadConfig("cimwatch.yaml")
//	...
//	d, err := daemon.New(ctx, config, nil)
//	...
//	err = d.Run(ctx) // until ctx ends; then it drains and closes everything
//
// # What runs
//
// The listener has the store write each indication to disk, and answers; the journal takes
// it in a moment later. One goroutine follows the journal, works out what each entry means for the inventory, and keeps its place in
// the same transaction as what it did, so that a crash anywhere repeats work and loses
// none. One goroutine for each host keeps its subscriptions and reads its inventory, so
// that a dead host delays nobody: it gets one of the bounded slots for work only once the
// host has answered. Between its turns it reads the elements that alerts tell of. A host
// has its turn when it is due, and early after a restart of its CIM server, after
// indications of it were lost, before its subscriptions expire, and when Resync asks for it.
package daemon

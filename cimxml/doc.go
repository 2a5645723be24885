// Package cimxml speaks CIM-XML, the DMTF's protocol for CIM over HTTP (DSP0200, with
// the XML of DSP0201 and DSP0203): a client for the operations of a CIM server, and the
// messages that servers and listeners read and write.
//
// The shortest useful program lists the fans of a host:
//
//	client, err := cimxml.NewClient("https://esx1:5989", &cimxml.Options{User: "root", Password: secret})
//	...
//	for fan, err := range client.EnumerateInstances(ctx, "root/cimv2", "CIM_Fan", nil) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(fan.Text("ElementName"), fan.Get("HealthState"))
//	}
//
// # Errors
//
// Every operation fails with an [OpError] that says what was called on what. Inside is
// a *cim.Error when the server refused (test with errors.Is and a cim.Status), an
// [HTTPError], a [DecodeError], or an error of the network.
//
// One whose time ran out, by Options.Timeout or the context, holds a [TimeoutError] that
// says in which phase. An operation that only reads is sent again when a connection that
// was used before breaks without an answer; any other is sent once.
//
// # Finding out
//
// [Client.ServerInfo], [Client.Namespaces] and [Client.Profiles] tell what a server is and
// has. A [Recorder] writes what went over the wire, without the secrets, a [Replayer]
// answers from it in tests, and [Client.Statistics] counts.
//
// # Reading
//
// What is received is read by a decoder of this package's own, element by element, so a
// reply of any length is read in constant memory. It checks what XML 1.0 and DSP0203
// demand and is tolerant where servers are known to be loose: EmbeddedObject in either
// spelling or left out, paths without namespace or host, a KEYVALUE without a type. A
// [Mode] makes it stricter, or more lenient still. Entity declarations are refused and
// everything is bounded by [Limits]: with the default ones no reply that means harm costs
// more than 100 MB before it is refused, and most cost less than 1 MB.
package cimxml

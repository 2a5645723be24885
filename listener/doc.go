// Package listener receives indications: an HTTP or HTTPS server for the export messages
// that CIM servers send (DSP0200, ExportIndication), with a callback for what arrives.
//
// The shortest useful program prints the alerts of every host that has been told to send
// them here:
//
//	server := listener.New(listener.HandlerFunc(func(ctx context.Context, i *listener.Indication) error {
//		_, err := fmt.Println(i.Host, i.Instance.Class, i.Instance.Text("Description"))
//		return err
//	}), nil)
//	err := server.ListenAndServe(ctx, ":5990")
//
// A [Mux] calls a function of its own for each class.
//
// # The promise
//
// The sender is told 200 only after the [Handler] has returned nil: the indication is
// kept. Whatever else happens, an error, a panic, too many at once, a shutdown, the
// sender is told something else and sends the indication again later. A sender looks at
// the HTTP status alone and never sends again what was answered 200 (observed: sfcb), so
// a handler that only hands on to a queue in memory gives up that promise.
//
// A handler should return within a few seconds: sfcb waits 10 s for the answer, and
// OpenPegasus, which waits 20 s, has five threads for all its listeners, so a slow answer
// delays everybody's indications.
//
// The same indication may arrive twice, and late: [Indication.Sequence] tells.
//
// # Answers
//
// Each answer has a reason, for logs and metrics; [Server.Stats] counts them. Reasons that
// DSP0200 defines also stand in the CIMError header of the answer, and the body says in
// words what is wrong with the request.
//
//	status reason                          when
//	200    kept                            the handler returned nil, for each of a batch
//	200    unknown-export-method           ERROR 7: it is not ExportIndication
//	200    no-indication                   ERROR 4: NewIndication is missing or no instance
//	400    unsupported-operation           CIMExport is missing or not MethodRequest
//	400    header-mismatch                 CIMExportMethod or CIMProtocolVersion is not what the message says
//	400    request-not-well-formed         the body is no XML
//	400    request-not-valid               it is no CIM-XML, not UTF-8 or nested too deep
//	400    no-body, cut-short, extension-on-http-1.0
//	401    unauthorized                    user or password is none of [Options].Users
//	403    address-not-allowed             neither Allow nor AllowFunc admits the address
//	404    unknown-path                    the path is none of [Options].Paths
//	405    method-not-allowed              the method is neither POST nor M-POST
//	406    not-acceptable                  Accept or Accept-Charset excludes XML or UTF-8
//	408    too-slow                        the body did not come within the time limit
//	413    too-large                       the body is larger than [Options].MaxBody
//	415    content-type                    Content-Type is no XML or no UTF-8, or the content is encoded
//	501    unsupported-cim-version, unsupported-dtd-version, unsupported-protocol-version
//	503    not-kept, panic                 the handler returned an error, or panicked
//	503    busy, shutting-down             too much at once, or after [Server.Shutdown]
//	510    extension-unknown               M-POST without a Man header for CIM
//	any    refused                         the handler returned a [Refusal]
//
// What net/http itself cannot read as a request, such as one without Host, it answers
// 400; that is not counted.
//
// # Batches
//
// The exports of a MULTIEXPREQ are given to the handler one after the other, each with a
// message of its own as Raw, and answered together by a MULTIEXPRSP, once all are kept.
// When one is not, the batch is answered as that one would be, and sent again whole.
//
// # Connections
//
// [Options] bounds them in number, and each in time, so that a sender that is silent or
// slow holds what it holds for seconds. TLS handshakes do not hold up each other nor those
// who are connected. [Server.Stats] counts connections by what became of them:
//
//	accepted                   there was room
//	address-not-allowed        neither Allow nor AllowFunc admits the address; cut off
//	address-full               MaxPerAddress are open from the address; cut off
//	connections-full           MaxConnections are open, none is silent; cut off
//	opening-full               MaxOpening have sent no request, all are young; cut off
//	opening-evicted            silent since it was opened, closed to make room
//	idle-evicted               idle the longest, closed as MaxIdle were, or to make room
//	handshake-failed           it ended before TLS was agreed on
//	no-request                 it ended without a request
//
// An answer says "Connection: close" wherever the connection is about to be closed, so
// that no sender goes on to use it (observed: OpenPegasus then waits for 30 s).
//
// # Certificates
//
// A [Certificate] is read again when its files change. [MakeCertificate] makes one where
// there is none. sfcb opens a connection for each indication: with RSA keys or without
// session tickets, which crypto/tls has on, most of the time goes into handshakes.
//
// # Concurrency
//
// A Server serves each connection in a goroutine of its own and calls its handler from
// many at once. All methods may be called from any goroutine.
package listener

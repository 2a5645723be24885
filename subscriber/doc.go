// Package subscriber keeps indication subscriptions on a CIM server in the state a caller
// declares: filters (CIM_IndicationFilter), handlers (CIM_IndicationHandlerCIMXML or
// CIM_ListenerDestinationCIMXML) and the subscriptions that join them.
//
// The shortest useful program subscribes a listener to all alerts of a host, and may run
// as often as it likes:
//
//	s := subscriber.New(client, nil)
//	report, err := s.Reconcile(ctx, subscriber.Declaration{
//		Name: "ops",
//		Filters: []subscriber.Filter{{
//			Query:       "SELECT * FROM CIM_AlertIndication",
//			Destination: "http://listener.example:5990/esx1/alerts",
//		}},
//	})
//
// # Identity
//
// What a declaration makes carries its name: the Name key of each filter and handler is
// "cimwatch:<name>:<hash>", the hash derived from the query, language and namespaces or
// from the destination. So installations with different names never touch each other's
// subscriptions, and a changed query or destination gives another object instead of
// changing one. Nothing is ever modified in place: sfcb crashes on the next delivery
// after ModifyInstance of a handler's Destination (observed: sfcb 1.4.10).
//
// # Destinations
//
// Nothing in an indication names the filter that let it through, and sequence numbers
// count per handler (observed: OpenPegasus). A listener tells subscriptions apart only by
// the path it is called on, so give each filter a destination path of its own. Filters
// with the same destination share one handler.
//
// # Caveats
//
// A server may drop or disable a subscription after failed deliveries (DSP1054; observed:
// sfcb). Reconcile repairs that, but only when it runs.
//
// Where subscriptions have a duration (Declaration.Duration), that holds twice: they expire
// when Reconcile does not run in time. Report.Renew says when that is.
//
// Servers write what they are told in ways of their own: namespaces in another case, with
// their host or fewer of them. What means the same is not altered. What does not is made
// anew once and then remembered as what this server makes of it, as long as the Subscriber
// lives.
//
// Some servers accept a filter on a class they do not have, and refuse the subscription
// (observed: sfcb, OpenPegasus: not supported). Reconcile reports that, takes back the
// filter and handler, and goes on with the others.
//
// # Concurrency
//
// A Subscriber may be used by several goroutines. Two that reconcile the same name on the
// same server at once do no harm but may report each other's work as errors.
package subscriber

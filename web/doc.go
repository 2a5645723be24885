// Package web serves the inventory and the journal over HTTP as JSON, and reads them back.
//
// The shortest useful program shows what a daemon knows:
//
//	client, err := web.NewClient("http://127.0.0.1:9720")
//	...
//	hosts, err := client.Hosts(ctx)
//
// Another follows the indications as they come:
//
//	for indication, err := range client.Indications(ctx, web.From{Now: true}, true) { ... }
//
// A third one follows what is written to the inventory, where reading it first and then what the
// updates tell of leaves nothing out:
//
//	for update, err := range client.Updates(ctx, "", true, web.UpdateFilter{}) { ... }
//
// The paths, for GET where nothing else is said, and the fields are a contract, see
// docs/json.md:
//
//	/api/v1/hosts                     {"hosts": [Host, ...]}
//	/api/v1/components[?QUERY&at=TIME]  {"components": [Component, ...]}
//	/api/v1/components?format=ndjson[&QUERY] one Component a line
//	/api/v1/component?host=NAME&id=ID Component
//	/api/v1/history[?host=&id=&since=&until=&kind=&change=] {"changes": [Change, ...]}
//
//	/api/v1/subscriptions             {"hosts": [HostSubscriptions, ...]}
//	/api/v1/indications[?from=&follow=&raw=] one Indication a line
//	/api/v1/updates[?after=&follow=&host=&kind=] one Update a line
//	/api/v1/position?from=            {"after": ENTRY}
//	/api/v1/cursors                   {"cursors": [Cursor, ...]}
//	/api/v1/cursors/NAME              POST, PUT and DELETE
//	/api/v1/sync[?host=NAME&...]      POST
//	/api/v1/forget?host=NAME&...[&preview=true] POST; {"hosts": [ForgottenHost, ...]}
//	/api/v1/backup                    a file of package store
//
// Whoever may reach the address may read everything, set cursors and have hosts looked at, and have a backup or hosts
// forgotten where NewBackupHandler and NewForgetHandler are told so; who that is, and TLS, is for the
// server around the handler to decide.
package web

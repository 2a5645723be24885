// Package web serves the inventory over HTTP as JSON, and reads it back.
//
// The shortest useful program shows what a daemon knows:
//
//	client, err := web.NewClient("http://127.0.0.1:9720")
//	...
//	hosts, err := client.Hosts(ctx)
//
// The paths, all for GET, and the fields are a contract, see docs/json.md:
//
//	/api/v1/hosts                     {"hosts": [Host, ...]}
//	/api/v1/components[?host=NAME]    {"components": [Component, ...]}
//	/api/v1/component?host=NAME&id=ID Component
//	/api/v1/history[?host=NAME&id=ID] {"changes": [Change, ...]}
//
// Whoever may reach the address may read everything; who that is, and TLS, is for the
// server around the handler to decide.
package web

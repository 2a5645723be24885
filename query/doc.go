// Package query reads the queries of indication filters, WQL and the subset of the CIM
// Query Language (DSP0202) that filters use, matches instances against them, and projects
// instances to what they select.
//
// The shortest useful program tells whether a filter lets an indication through:
//
//	q, err := query.Parse("WQL", `SELECT * FROM CIM_AlertIndication WHERE PerceivedSeverity >= 3`)
//	if err != nil { ... }
//	if q.Match(indication, schema.IsA) {
//		deliver(q.Project(indication))
//	}
//
// # Grammar
//
// Both languages are read with one grammar; keywords come in any case.
//
//	query     = SELECT ( "*" | name { "," name } ) FROM class [ WHERE or ]
//	name      = [ class "." ] property
//	or        = and { OR and }
//	and       = not { AND not }
//	not       = NOT not | "(" or ")" | predicate
//	predicate = operand ( "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=" ) operand
//	          | operand [ NOT ] LIKE string
//	          | operand IS [ NOT ] NULL
//	          | operand ISA ( class | string )
//	operand   = path | string | number | TRUE | FALSE | NULL
//	path      = [ class "." ] step { "." step }
//	step      = [ class "::" ] property [ "[" ( index | "*" ) "]" ]
//
// A path goes into embedded instances, as in SourceInstance.HealthState; a step that
// names a class is NULL when the instance it looks into is not of that class. Strings
// stand in single or double quotes, with the quote and the backslash escaped by a
// backslash, or the quote doubled.
//
// # LIKE
//
// In a pattern % stands for any text and _ for any character; a backslash before them takes
// that away. In the CIM Query Language a dot stands for any character besides, and an
// asterisk for any number of what is before it: LIKE '29\..*' is every text that begins
// with "29.". A condition of WQL on its own (ParseWhere) wants a backslash before [, * and ?, which
// mean something in the patterns of other languages.
//
// # NULL
//
// Logic has three values, as in SQL: a comparison with NULL, with a property that is
// missing, or between types that do not compare is unknown, and so is its negation. An
// instance matches when the condition is true.
//
// # Concurrency
//
// A Query does not change once it is parsed, so any number of goroutines may use it.
package query

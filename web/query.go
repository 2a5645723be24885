package web

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/query"
)

// longestWhere bounds a condition that somebody asks with, in bytes.
const longestWhere = 4096

// ParseQuery reads a query from the parameters of a URL: those that inventory.Query.Set
// takes, and "where", a condition of WQL on the properties. Others, and empty ones, are
// passed over.
func ParseQuery(values url.Values) (inventory.Query, error) {
	var q inventory.Query
	for _, name := range inventory.ParameterNames() {
		for _, value := range values[name] {
			if value == "" {
				continue
			}
			if err := q.Set(name, value); err != nil {
				return q, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	where := values.Get("where")
	if where == "" {
		return q, q.Check()
	}
	condition, err := ParseWhere(where)
	if err != nil {
		return q, fmt.Errorf("where: %w", err)
	}
	q.Where = condition
	return q, q.Check()
}

// ParseWhere reads a condition on the properties of components, in WQL.
func ParseWhere(text string) (inventory.Predicate, error) {
	if len(text) > longestWhere {
		return nil, fmt.Errorf("the condition has %d bytes: at most %d are allowed", len(text), longestWhere)
	}
	condition, err := query.ParseWhere("WQL", text)
	if refusal, ok := errors.AsType[*cim.Error](err); ok {
		return nil, errors.New(refusal.Description) // no CIM server has refused anything
	}
	return condition, err
}

// QueryValues returns what ParseQuery reads to the same query.
func QueryValues(q *inventory.Query) url.Values {
	values := url.Values{}
	for _, p := range q.Parameters() {
		values.Add(p.Name, p.Value)
	}
	if q.Where != nil {
		values.Set("where", q.Where.String())
	}
	return values
}

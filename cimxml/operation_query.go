package cimxml

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// ExecQuery yields the result of a query in a language such as "WQL" or "DMTF:CQL".
func (c *Client) ExecQuery(ctx context.Context, namespace, language, query string) iter.Seq2[*cim.Instance, error] {
	req := c.request("ExecQuery", namespace, cim.Param("QueryLanguage", cim.String(language)), cim.Param("Query", cim.String(query)))
	return stream(ctx, c, req, func(d *decoder) *cim.Instance { return d.resultRow(req) })
}

// resultRow reads an instance, with its path where a server gives one. Open operations
// may be answered as the ones that they replace (observed: sfcb).
func (d *decoder) resultRow(req *Request) *cim.Instance {
	switch d.name {
	case "VALUE.OBJECT", "VALUE.OBJECTWITHPATH", "VALUE.OBJECTWITHLOCALPATH":
		return d.resultObject(req)
	default:
		return d.resultInstance(req)
	}
}

package cimxml

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
)

// ExportIndication delivers an indication to a listener (DSP0200 section 5.3.3). The
// client is one for the listener's URL, path included. It is never sent twice.
func (c *Client) ExportIndication(ctx context.Context, indication *cim.Instance) error {
	req := &Request{Method: exportMethod, indication: indication}
	return c.call(ctx, req, false, func(d *decoder) { d.exportResponse(req.ID) })
}

// exportResponse reads the answer of a listener. What it may return is passed over: no
// export method returns anything.
func (d *decoder) exportResponse(id string) {
	e := d.message()
	if !d.open("SIMPLEEXPRSP", "EXPMETHODRESPONSE") {
		return
	}
	if name := d.named(); d.err == nil && (e.id != id || !cim.EqualNames(name, exportMethod)) {
		d.invalid("this is the answer to %.40q %.40q, expected %q %s", e.id, name, id, exportMethod)
		return
	}
	var refusal *cim.Error
	for d.child() {
		switch d.name {
		case "ERROR":
			refusal = d.errorElement()
		case "IRETURNVALUE":
			d.skip()
		default:
			d.unexpected("ERROR or IRETURNVALUE")
		}
	}
	d.finish(refusal)
}

package cimxml

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
)

// GetProperty returns a property of the instance at path. The answer carries no type: text
// comes as a string, whatever the property's type is. DSP0200 deprecates the operation;
// GetInstance with one property says more.
func (c *Client) GetProperty(ctx context.Context, path cim.ObjectPath, name string) (v cim.Value, err error) {
	req := c.request("GetProperty", path.Namespace, nameParam("InstanceName", path), cim.Param("PropertyName", cim.String(name)))
	err = c.call(ctx, req, true, func(d *decoder) {
		d.intrinsicResponse(req.ID, req.Method, func() bool {
			v = d.paramContent(declared{})
			return d.err == nil
		})
	})
	return v, err
}

// SetProperty gives a property of the instance at path a value. DSP0200 deprecates the
// operation in favour of ModifyInstance. It is never sent twice.
func (c *Client) SetProperty(ctx context.Context, path cim.ObjectPath, name string, v cim.Value) error {
	return c.nothing(ctx, c.request("SetProperty", path.Namespace, nameParam("InstanceName", path),
		cim.Param("PropertyName", cim.String(name)), cim.Param("NewValue", v)))
}

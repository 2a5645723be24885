package cimxml

import (
	"context"
	"errors"

	"github.com/cimwatch/cimwatch/cim"
)

var errNoObject = errors.New("the path names no class or instance to call a method of")

// InvokeMethod calls a method of the instance or class at path and returns its return
// value and its output parameters. It is never sent twice.
func (c *Client) InvokeMethod(ctx context.Context, path cim.ObjectPath, method string, in ...cim.Parameter) (result cim.Value, out []cim.Parameter, err error) {
	if path.Class == "" {
		return result, nil, &OpError{Op: method, Object: path.String(), Server: c.endpoint, Err: errNoObject}
	}
	object := path.Local()
	object.Namespace = c.namespace(path.Namespace)
	req := &Request{Method: method, Object: object, Params: in}
	err = c.call(ctx, req, false, func(d *decoder) {
		result, out = d.methodResponse(req.ID, method)
	})
	return result, out, err
}

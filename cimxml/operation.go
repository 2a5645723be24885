package cimxml

import (
	"context"
	"errors"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// errStopped ends a reading that the caller does not want to go on with.
var errStopped = errors.New("stopped")

// stream runs an intrinsic operation and yields what element makes of each element of
// the result as it arrives. The connection is closed when the caller stops early.
func stream[T any](ctx context.Context, c *Client, req *Request, element func(*decoder) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		stopped := false
		err := c.call(ctx, req, true, func(d *decoder) {
			d.intrinsicResponse(req.ID, req.Method, func() bool {
				d.newObject()
				v := element(d)
				if d.err != nil {
					return false
				}
				if !yield(v, nil) {
					stopped, d.err = true, errStopped
				}
				return !stopped
			})
		})
		if err != nil && !stopped {
			var none T
			yield(none, err)
		}
	}
}

// single runs an intrinsic operation that returns one object.
func single[T any](ctx context.Context, c *Client, req *Request, idempotent bool, element func(*decoder) T) (result T, err error) {
	found := false
	err = c.call(ctx, req, idempotent, func(d *decoder) {
		d.intrinsicResponse(req.ID, req.Method, func() bool {
			if found {
				d.unexpected("a single object")
				return false
			}
			result, found = element(d), true
			return true
		})
		if !found {
			d.invalid("IRETURNVALUE is missing or empty")
		}
	})
	return result, err
}

// nothing runs an intrinsic operation that returns nothing.
func (c *Client) nothing(ctx context.Context, req *Request) error {
	return c.call(ctx, req, false, func(d *decoder) {
		d.intrinsicResponse(req.ID, req.Method, func() bool {
			d.invalidUnless(valuesOfNothing, "%s is returned, expected nothing", d.name)
			d.skip()
			return true
		})
	})
}

func (c *Client) request(method, namespace string, params ...cim.Parameter) *Request {
	return &Request{Method: method, Namespace: c.namespace(namespace), Params: params}
}

func flagParam(name string, b bool) cim.Parameter { return cim.Param(name, cim.Boolean(b)) }

// classParam names a class, or is NULL for none.
func classParam(name, class string) cim.Parameter {
	if class == "" {
		return cim.Param(name, cim.Null(cim.TypeReference))
	}
	return cim.Param(name, cim.Reference(cim.ClassPath("", class)))
}

func textParam(name, text string) cim.Parameter {
	if text == "" {
		return cim.Param(name, cim.Null(cim.TypeString))
	}
	return cim.Param(name, cim.String(text))
}

// listParam is a list of names; nil, which asks for all, is NULL.
func listParam(name string, names []string) cim.Parameter {
	if names == nil {
		return cim.Param(name, cim.NullArray(cim.TypeString))
	}
	return cim.Param(name, cim.Strings(names...))
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

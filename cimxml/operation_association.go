package cimxml

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// Associators yields the instances associated with the instance at path. A nil o takes
// all. After an error nothing more is yielded.
func (c *Client) Associators(ctx context.Context, path cim.ObjectPath, o *cim.AssociationOptions) iter.Seq2[*cim.Instance, error] {
	filter := orZero(o)
	req := c.associationRequest("Associators", path, associatorParams(filter), readParams(filter.ReadOptions))
	return stream(ctx, c, req, func(d *decoder) *cim.Instance { return d.resultObject(req) })
}

// AssociatorNames yields the paths of the instances associated with the instance at path.
func (c *Client) AssociatorNames(ctx context.Context, path cim.ObjectPath, o *cim.AssociationOptions) iter.Seq2[cim.ObjectPath, error] {
	req := c.associationRequest("AssociatorNames", path, associatorParams(orZero(o)), nil)
	return stream(ctx, c, req, func(d *decoder) cim.ObjectPath { return d.resultPath(req) })
}

// References yields the association instances that refer to the instance at path.
func (c *Client) References(ctx context.Context, path cim.ObjectPath, o *cim.AssociationOptions) iter.Seq2[*cim.Instance, error] {
	filter := orZero(o)
	req := c.associationRequest("References", path, referenceParams(filter), readParams(filter.ReadOptions))
	return stream(ctx, c, req, func(d *decoder) *cim.Instance { return d.resultObject(req) })
}

// ReferenceNames yields the paths of the association instances that refer to the
// instance at path.
func (c *Client) ReferenceNames(ctx context.Context, path cim.ObjectPath, o *cim.AssociationOptions) iter.Seq2[cim.ObjectPath, error] {
	req := c.associationRequest("ReferenceNames", path, referenceParams(orZero(o)), nil)
	return stream(ctx, c, req, func(d *decoder) cim.ObjectPath { return d.resultPath(req) })
}

// AssociatorClasses yields the classes associated with the class at path, with their paths.
// For names alone call AssociatorNames with the path of a class.
func (c *Client) AssociatorClasses(ctx context.Context, path cim.ObjectPath, o *cim.AssociationOptions) iter.Seq2[*cim.Class, error] {
	filter := orZero(o)
	req := c.associationRequest("Associators", path, associatorParams(filter), readParams(filter.ReadOptions))
	return stream(ctx, c, req, func(d *decoder) *cim.Class { return d.resultObjectClass(req) })
}

// ReferenceClasses yields the association classes that refer to the class at path, with
// their paths. For names alone call ReferenceNames with the path of a class.
func (c *Client) ReferenceClasses(ctx context.Context, path cim.ObjectPath, o *cim.AssociationOptions) iter.Seq2[*cim.Class, error] {
	filter := orZero(o)
	req := c.associationRequest("References", path, referenceParams(filter), readParams(filter.ReadOptions))
	return stream(ctx, c, req, func(d *decoder) *cim.Class { return d.resultObjectClass(req) })
}

func (c *Client) associationRequest(method string, path cim.ObjectPath, params ...[]cim.Parameter) *Request {
	req := c.request(method, path.Namespace, nameParam("ObjectName", path))
	for _, p := range params {
		req.Params = append(req.Params, p...)
	}
	return req
}

func associatorParams(o cim.AssociationOptions) []cim.Parameter {
	return []cim.Parameter{
		classParam("AssocClass", o.AssocClass), classParam("ResultClass", o.ResultClass),
		textParam("Role", o.Role), textParam("ResultRole", o.ResultRole),
	}
}

func referenceParams(o cim.AssociationOptions) []cim.Parameter {
	return []cim.Parameter{classParam("ResultClass", o.ResultClass), textParam("Role", o.Role)}
}

func readParams(o cim.ReadOptions) []cim.Parameter {
	return []cim.Parameter{
		flagParam("IncludeQualifiers", o.IncludeQualifiers),
		flagParam("IncludeClassOrigin", o.IncludeClassOrigin),
		listParam("PropertyList", o.Properties),
	}
}

// resultObject reads an instance with its path.
func (d *decoder) resultObject(req *Request) *cim.Instance {
	i, ok := d.resultValue().Instance()
	if !ok {
		d.invalid("a class was returned, expected an instance")
		return &cim.Instance{}
	}
	if !i.Path.IsZero() {
		i.Path = i.Path.In(req.Namespace)
	}
	return i
}

// resultObjectClass reads a class with its path.
func (d *decoder) resultObjectClass(req *Request) *cim.Class {
	c, ok := d.resultValue().Class()
	if !ok {
		d.invalid("an instance was returned, expected a class")
		return &cim.Class{}
	}
	c.Path = c.Path.In(req.Namespace)
	return c
}

// resultValue reads an instance or a class.
func (d *decoder) resultValue() cim.Value {
	switch d.name {
	case "VALUE.OBJECTWITHPATH", "VALUE.OBJECTWITHLOCALPATH", "VALUE.OBJECT":
		return d.object()
	default:
		d.unexpected("VALUE.OBJECTWITHPATH")
		return cim.Value{}
	}
}

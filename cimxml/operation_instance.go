package cimxml

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// EnumerateInstances yields the instances of class and of the classes below it, with
// their paths, as they arrive. After an error nothing more is yielded. A nil o reads all
// properties. An empty namespace is the client's.
func (c *Client) EnumerateInstances(ctx context.Context, namespace, class string, o *cim.ReadOptions) iter.Seq2[*cim.Instance, error] {
	read := orZero(o)
	req := c.request("EnumerateInstances", namespace, classParam("ClassName", class),
		flagParam("DeepInheritance", !read.Shallow), flagParam("LocalOnly", read.LocalOnly),
		flagParam("IncludeQualifiers", read.IncludeQualifiers), flagParam("IncludeClassOrigin", read.IncludeClassOrigin),
		listParam("PropertyList", read.Properties))
	return stream(ctx, c, req, func(d *decoder) *cim.Instance { return d.resultInstance(req) })
}

// EnumerateInstanceNames yields the paths of the instances of class and of the classes
// below it. After an error nothing more is yielded.
func (c *Client) EnumerateInstanceNames(ctx context.Context, namespace, class string) iter.Seq2[cim.ObjectPath, error] {
	req := c.request("EnumerateInstanceNames", namespace, classParam("ClassName", class))
	return stream(ctx, c, req, func(d *decoder) cim.ObjectPath { return d.resultInstancePath(req) })
}

// GetInstance returns the instance at path. Where there is none the error is
// StatusNotFound, or StatusInvalidClass when even the class is not there.
func (c *Client) GetInstance(ctx context.Context, path cim.ObjectPath, o *cim.ReadOptions) (*cim.Instance, error) {
	read := orZero(o)
	req := c.request("GetInstance", path.Namespace, nameParam("InstanceName", path), flagParam("LocalOnly", read.LocalOnly),
		flagParam("IncludeQualifiers", read.IncludeQualifiers), flagParam("IncludeClassOrigin", read.IncludeClassOrigin),
		listParam("PropertyList", read.Properties))
	i, err := single(ctx, c, req, true, func(d *decoder) *cim.Instance { return d.resultInstance(req) })
	if err != nil {
		return nil, err
	}
	i.Path = path.In(req.Namespace)
	return i, nil
}

// CreateInstance creates an instance in a namespace, the client's when it is empty, and
// returns its path as the server gives it. It is never sent twice.
func (c *Client) CreateInstance(ctx context.Context, namespace string, i *cim.Instance) (cim.ObjectPath, error) {
	bare := *i
	bare.Path = cim.ObjectPath{}
	req := c.request("CreateInstance", namespace, cim.Param("NewInstance", cim.EmbeddedInstance(&bare)))
	return single(ctx, c, req, false, func(d *decoder) cim.ObjectPath { return d.resultInstancePath(req) })
}

// ModifyInstance gives the instance at i.Path the property values of i. properties names
// the ones to change; nil is all of them. Send whole instances and nil: with a list some
// servers erase what is not listed (observed: sfcb). It is never sent twice.
func (c *Client) ModifyInstance(ctx context.Context, i *cim.Instance, properties []string) error {
	req := c.request("ModifyInstance", i.Path.Namespace, cim.Param("ModifiedInstance", cim.EmbeddedInstance(i)))
	if properties != nil {
		// Its default is true, with which a list is refused (observed: OpenPegasus).
		req.Params = append(req.Params, flagParam("IncludeQualifiers", false), listParam("PropertyList", properties))
	}
	return c.nothing(ctx, req)
}

// DeleteInstance deletes the instance at path. It is never sent twice.
func (c *Client) DeleteInstance(ctx context.Context, path cim.ObjectPath) error {
	return c.nothing(ctx, c.request("DeleteInstance", path.Namespace, nameParam("InstanceName", path)))
}

// nameParam names an instance, or a class where a class may stand too.
func nameParam(name string, path cim.ObjectPath) cim.Parameter {
	return cim.Param(name, cim.Reference(path.Relative()))
}

func (d *decoder) resultInstance(req *Request) (i *cim.Instance) {
	switch d.name {
	case "VALUE.NAMEDINSTANCE":
		i = d.namedInstance()
	case "VALUE.INSTANCEWITHPATH":
		i = d.instanceWithPath()
	case "INSTANCE":
		i = d.instance()
	default:
		d.unexpected("VALUE.NAMEDINSTANCE")
		return &cim.Instance{}
	}
	if !i.Path.IsZero() {
		i.Path = i.Path.In(req.Namespace)
	}
	return i
}

// resultInstancePath reads a path where no class may be named.
func (d *decoder) resultInstancePath(req *Request) cim.ObjectPath {
	p := d.resultPath(req)
	if !p.IsInstance() {
		d.invalid("a class is named, expected an instance")
	}
	return p
}

func (d *decoder) resultPath(req *Request) cim.ObjectPath {
	if d.name == "OBJECTPATH" {
		return d.objectPath().In(req.Namespace)
	}
	return d.path().In(req.Namespace)
}

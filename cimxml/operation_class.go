package cimxml

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// EnumerateClassNames returns the names of the classes below class, or of the root
// classes when class is ""; with deep, all that descend from it. An empty namespace is
// the client's.
func (c *Client) EnumerateClassNames(ctx context.Context, namespace, class string, deep bool) ([]string, error) {
	req := c.request("EnumerateClassNames", namespace, classParam("ClassName", class), flagParam("DeepInheritance", deep))
	var names []string
	err := c.call(ctx, req, true, func(d *decoder) {
		d.intrinsicResponse(req.ID, req.Method, func() bool {
			names = append(names, d.resultClassName())
			return d.err == nil
		})
	})
	if err != nil {
		return nil, err
	}
	return names, nil
}

// EnumerateClasses yields the classes below class, or the root classes when class is
// ""; with deep, all that descend from it. After an error nothing more is yielded.
func (c *Client) EnumerateClasses(ctx context.Context, namespace, class string, deep bool, o *cim.ReadOptions) iter.Seq2[*cim.Class, error] {
	read := orZero(o)
	req := c.request("EnumerateClasses", namespace, classParam("ClassName", class),
		flagParam("DeepInheritance", deep), flagParam("LocalOnly", read.LocalOnly),
		flagParam("IncludeQualifiers", read.IncludeQualifiers), flagParam("IncludeClassOrigin", read.IncludeClassOrigin))
	return stream(ctx, c, req, func(d *decoder) *cim.Class { return d.resultClass(req) })
}

// GetClass returns a class. A class that is not there is StatusNotFound or
// StatusInvalidClass, as servers differ (observed: sfcb says the first).
func (c *Client) GetClass(ctx context.Context, namespace, class string, o *cim.ReadOptions) (*cim.Class, error) {
	read := orZero(o)
	req := c.request("GetClass", namespace, classParam("ClassName", class), flagParam("LocalOnly", read.LocalOnly),
		flagParam("IncludeQualifiers", read.IncludeQualifiers), flagParam("IncludeClassOrigin", read.IncludeClassOrigin),
		listParam("PropertyList", read.Properties))
	return single(ctx, c, req, true, func(d *decoder) *cim.Class { return d.resultClass(req) })
}

// CreateClass creates a class. It is never sent twice.
func (c *Client) CreateClass(ctx context.Context, namespace string, class *cim.Class) error {
	return c.nothing(ctx, c.request("CreateClass", namespace, cim.Param("NewClass", cim.EmbeddedClass(class))))
}

// ModifyClass replaces the declaration of a class. It is never sent twice.
func (c *Client) ModifyClass(ctx context.Context, namespace string, class *cim.Class) error {
	return c.nothing(ctx, c.request("ModifyClass", namespace, cim.Param("ModifiedClass", cim.EmbeddedClass(class))))
}

// DeleteClass deletes a class. It is never sent twice.
func (c *Client) DeleteClass(ctx context.Context, namespace, class string) error {
	return c.nothing(ctx, c.request("DeleteClass", namespace, classParam("ClassName", class)))
}

func (d *decoder) resultClassName() string {
	if d.name != "CLASSNAME" {
		d.unexpected("CLASSNAME")
		return ""
	}
	return d.className()
}

func (d *decoder) resultClass(req *Request) *cim.Class {
	if d.name != "CLASS" {
		d.unexpected("CLASS")
		return nil
	}
	class := d.class()
	class.Path = cim.ClassPath(req.Namespace, class.Name)
	return class
}

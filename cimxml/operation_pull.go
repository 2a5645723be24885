package cimxml

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// OpenOptions are the parameters that the Open operations have in common (DSP0200 section
// 5.4.2). A nil *OpenOptions is the zero OpenOptions.
type OpenOptions struct {
	cim.AssociationOptions // ReadOptions for instances, the rest for associations

	FilterLanguage  string        // "DMTF:FQL"; "" is no filter
	Filter          string        // what the server passes on of the result
	Timeout         time.Duration // how long the server keeps the enumeration between calls; 0 is its default
	ContinueOnError bool
	MaxObjects      uint32 // with the first answer; 0 none, which opens only
}

// Enumeration is the place that an enumeration has reached. Its zero value is none.
type Enumeration struct {
	Namespace string
	Context   string // the server's own, not to be looked into
	End       bool   // there is nothing more, and nothing to close
}

// OpenEnumerateInstances begins to enumerate the instances of a class. A server that
// knows no pull operations but answers with everything at once (observed: sfcb) gives an
// Enumeration that has ended.
func (c *Client) OpenEnumerateInstances(ctx context.Context, namespace, class string, o *OpenOptions) ([]*cim.Instance, Enumeration, error) {
	return openAll(ctx, c, c.openInstances(namespace, class, orZero(o)), (*decoder).resultRow)
}

// OpenEnumerateInstancePaths begins to enumerate the paths of the instances of a class.
func (c *Client) OpenEnumerateInstancePaths(ctx context.Context, namespace, class string, o *OpenOptions) ([]cim.ObjectPath, Enumeration, error) {
	return openAll(ctx, c, c.openPaths(namespace, class, orZero(o)), (*decoder).resultPath)
}

// OpenAssociatorInstances begins to enumerate the instances associated with the one at path.
func (c *Client) OpenAssociatorInstances(ctx context.Context, path cim.ObjectPath, o *OpenOptions) ([]*cim.Instance, Enumeration, error) {
	return openAll(ctx, c, c.openAssociators(path, orZero(o)), (*decoder).resultRow)
}

// OpenAssociatorInstancePaths begins to enumerate the paths of the instances associated
// with the one at path.
func (c *Client) OpenAssociatorInstancePaths(ctx context.Context, path cim.ObjectPath, o *OpenOptions) ([]cim.ObjectPath, Enumeration, error) {
	return openAll(ctx, c, c.openAssociatorPaths(path, orZero(o)), (*decoder).resultPath)
}

// OpenReferenceInstances begins to enumerate the associations that refer to the instance
// at path.
func (c *Client) OpenReferenceInstances(ctx context.Context, path cim.ObjectPath, o *OpenOptions) ([]*cim.Instance, Enumeration, error) {
	return openAll(ctx, c, c.openReferences(path, orZero(o)), (*decoder).resultRow)
}

// OpenReferenceInstancePaths begins to enumerate the paths of the associations that refer
// to the instance at path.
func (c *Client) OpenReferenceInstancePaths(ctx context.Context, path cim.ObjectPath, o *OpenOptions) ([]cim.ObjectPath, Enumeration, error) {
	return openAll(ctx, c, c.openReferencePaths(path, orZero(o)), (*decoder).resultPath)
}

// OpenQueryInstances begins to enumerate the result of a query. FilterLanguage and Filter
// are the query.
func (c *Client) OpenQueryInstances(ctx context.Context, namespace string, o *OpenOptions) ([]*cim.Instance, Enumeration, error) {
	return openAll(ctx, c, c.openQuery(namespace, orZero(o)), (*decoder).resultRow)
}

// PullInstancesWithPath returns the next instances of an enumeration, at most so many.
func (c *Client) PullInstancesWithPath(ctx context.Context, e Enumeration, most uint32) ([]*cim.Instance, Enumeration, error) {
	return openAll(ctx, c, pullRequest("PullInstancesWithPath", e, most), (*decoder).resultRow)
}

// PullInstancePaths returns the next paths of an enumeration, at most so many.
func (c *Client) PullInstancePaths(ctx context.Context, e Enumeration, most uint32) ([]cim.ObjectPath, Enumeration, error) {
	return openAll(ctx, c, pullRequest("PullInstancePaths", e, most), (*decoder).resultPath)
}

// PullInstances returns the next instances of a query's result, at most so many.
func (c *Client) PullInstances(ctx context.Context, e Enumeration, most uint32) ([]*cim.Instance, Enumeration, error) {
	return openAll(ctx, c, pullRequest("PullInstances", e, most), (*decoder).resultRow)
}

// CloseEnumeration ends an enumeration before its end.
func (c *Client) CloseEnumeration(ctx context.Context, e Enumeration) error {
	return c.nothing(ctx, c.request("CloseEnumeration", e.Namespace, cim.Param("EnumerationContext", cim.String(e.Context))))
}

// EnumerationCount returns how many objects an enumeration still has, as far as the
// server can tell; ok is false when it cannot.
func (c *Client) EnumerationCount(ctx context.Context, e Enumeration) (count uint64, ok bool, err error) {
	req := c.request("EnumerationCount", e.Namespace, cim.Param("EnumerationContext", cim.String(e.Context)))
	err = c.call(ctx, req, true, func(d *decoder) {
		d.intrinsicResponse(req.ID, req.Method, func() bool {
			if d.name != "VALUE" {
				d.unexpected("VALUE")
				return false
			}
			v, err := cim.ParseValue(cim.TypeUint64, d.keep(d.content()))
			if err != nil {
				d.invalid("%v", err)
			}
			count, ok = v.Uint64()
			return true
		})
	})
	return count, ok, err
}

func (c *Client) openInstances(namespace, class string, o OpenOptions) *Request {
	req := c.request("OpenEnumerateInstances", namespace, classParam("ClassName", class),
		flagParam("DeepInheritance", !o.Shallow), flagParam("IncludeClassOrigin", o.IncludeClassOrigin),
		listParam("PropertyList", o.Properties))
	return withOpen(req, o)
}

func (c *Client) openPaths(namespace, class string, o OpenOptions) *Request {
	return withOpen(c.request("OpenEnumerateInstancePaths", namespace, classParam("ClassName", class)), o)
}

func (c *Client) openAssociators(path cim.ObjectPath, o OpenOptions) *Request {
	req := c.openAssociation("OpenAssociatorInstances", path, associatorParams(o.AssociationOptions))
	return withOpen(withRead(req, o), o)
}

func (c *Client) openAssociatorPaths(path cim.ObjectPath, o OpenOptions) *Request {
	return withOpen(c.openAssociation("OpenAssociatorInstancePaths", path, associatorParams(o.AssociationOptions)), o)
}

func (c *Client) openReferences(path cim.ObjectPath, o OpenOptions) *Request {
	req := c.openAssociation("OpenReferenceInstances", path, referenceParams(o.AssociationOptions))
	return withOpen(withRead(req, o), o)
}

func (c *Client) openReferencePaths(path cim.ObjectPath, o OpenOptions) *Request {
	return withOpen(c.openAssociation("OpenReferenceInstancePaths", path, referenceParams(o.AssociationOptions)), o)
}

func (c *Client) openQuery(namespace string, o OpenOptions) *Request {
	return withOpen(c.request("OpenQueryInstances", namespace, flagParam("ReturnQueryResultClass", false)), o)
}

func (c *Client) openAssociation(method string, path cim.ObjectPath, params []cim.Parameter) *Request {
	req := c.request(method, path.Namespace, nameParam("InstanceName", path))
	req.Params = append(req.Params, params...)
	return req
}

func withRead(req *Request, o OpenOptions) *Request {
	req.Params = append(req.Params, flagParam("IncludeClassOrigin", o.IncludeClassOrigin),
		listParam("PropertyList", o.Properties))
	return req
}

// withOpen adds the parameters that all Open operations have.
func withOpen(req *Request, o OpenOptions) *Request {
	req.Params = append(req.Params, textParam("FilterQueryLanguage", o.FilterLanguage), textParam("FilterQuery", o.Filter))
	if o.Timeout > 0 {
		seconds := min(max(int64(o.Timeout.Seconds()), 1), math.MaxUint32)
		req.Params = append(req.Params, cim.Param("OperationTimeout", cim.Uint32(uint32(seconds))))
	}
	if o.ContinueOnError {
		req.Params = append(req.Params, flagParam("ContinueOnError", true))
	}
	req.Params = append(req.Params, cim.Param("MaxObjectCount", cim.Uint32(o.MaxObjects)))
	return req
}

func pullRequest(method string, e Enumeration, most uint32) *Request {
	return &Request{Method: method, Namespace: e.Namespace, Params: []cim.Parameter{
		cim.Param("EnumerationContext", cim.String(e.Context)),
		cim.Param("MaxObjectCount", cim.Uint32(most)),
	}}
}

// pull runs an Open or Pull operation. each is called with every object until it returns
// false; the rest of the answer is passed over then, for the place behind it.
func pull[T any](ctx context.Context, c *Client, req *Request, element func(*decoder, *Request) T, each func(T) bool) (e Enumeration, stopped bool, err error) {
	e.Namespace = req.Namespace
	err = c.call(ctx, req, false, func(d *decoder) {
		out := d.intrinsicResponse(req.ID, req.Method, func() bool {
			if stopped {
				d.skip()
				return true
			}
			d.newObject()
			v := element(d, req)
			stopped = d.err == nil && !each(v)
			return d.err == nil
		})
		whole := strings.HasPrefix(req.Method, "Open") && d.tolerates(wholeAnswers)
		if !e.read(out, whole) {
			d.invalid("neither EndOfSequence nor EnumerationContext says how the enumeration goes on")
		}
	})
	return e, stopped, err
}

// read takes the place in the enumeration from output parameters and reports whether
// they tell it. whole is what none of them means.
func (e *Enumeration) read(out []cim.Parameter, whole bool) bool {
	said := false
	for i := range out {
		switch name, value := out[i].Name, out[i].Value.Lexical(); {
		case cim.EqualNames(name, "EnumerationContext"):
			e.Context = value
		case cim.EqualNames(name, "EndOfSequence"):
			v, err := cim.ParseValue(cim.TypeBoolean, value)
			e.End, said = v.Boolean()
			said = said && err == nil
		}
	}
	if !said && e.Context == "" {
		e.End = whole
	}
	return e.End || e.Context != ""
}

// openAll runs an Open or Pull operation and collects its objects.
func openAll[T any](ctx context.Context, c *Client, req *Request, element func(*decoder, *Request) T) ([]T, Enumeration, error) {
	var all []T
	e, _, err := pull(ctx, c, req, element, func(v T) bool {
		all = append(all, v)
		return true
	})
	return all, e, err
}

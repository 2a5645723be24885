package cimxml

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// An operationCall calls an operation with the arguments of a case and returns what it
// gave: an object, or a list of them.
type operationCall func(ctx context.Context, c *Client, args object) (any, error)

// all collects what an iterator yields.
func all[T any](seq iter.Seq2[T, error]) (any, error) {
	values := []any{}
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// invoked is what a method gave.
type invoked struct {
	result cim.Value
	out    []cim.Parameter
}

func (v invoked) agree(want any) error {
	items := list(want.(object), "items")
	if err := agree(v.result, items[0]); err != nil {
		return err
	}
	out := list(items[1].(object), "items")
	if len(out) != len(v.out) {
		return fmt.Errorf("got %d output parameters, want %d", len(v.out), len(out))
	}
	for n, p := range v.out {
		pair := out[n].([]any)
		if pair[0] != p.Name {
			return fmt.Errorf("got output parameter %s, want %v", p.Name, pair[0])
		}
		if err := agree(p.Value, pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// pulled is a part of an enumeration.
type pulled struct {
	objects any
	e       Enumeration
}

func (v pulled) agree(want any) error {
	fields := want.(object)["fields"].(object)
	objects := fields["instances"]
	if objects == nil {
		objects = fields["paths"]
	}
	if err := agreeOnResult(v.objects, objects); err != nil {
		return err
	}
	context, namespace := "", ""
	if o, ok := fields["context"].(object); ok {
		context, namespace = list(o, "items")[0].(string), list(o, "items")[1].(string)
	}
	if v.e.End != flag(fields, "eos") || !v.e.End && (v.e.Context != context || v.e.Namespace != namespace) {
		return fmt.Errorf("got %+v, want end %v, context %q in %q", v.e, fields["eos"], context, namespace)
	}
	return nil
}

func part[T any](objects []T, e Enumeration, err error) (any, error) {
	values := []any{}
	for _, v := range objects {
		values = append(values, v)
	}
	return pulled{values, e}, err
}

// enumerationOf is the place that the arguments of a pull name.
func enumerationOf(a object) Enumeration {
	context := list(a, "context")
	if len(context) != 2 {
		return Enumeration{}
	}
	return Enumeration{Context: context[0].(string), Namespace: context[1].(string)}
}

func number(a object, name string) uint32 {
	o, _ := a[name].(object)
	n, _ := strconv.ParseUint(text(o, "value"), 10, 32)
	return uint32(n)
}

func openOptions(a object) *OpenOptions {
	return &OpenOptions{
		AssociationOptions: *associationOptions(a), FilterLanguage: text(a, "FilterQueryLanguage"), Filter: text(a, "FilterQuery"),
		Timeout: time.Duration(number(a, "OperationTimeout")) * time.Second, ContinueOnError: flag(a, "ContinueOnError"),
		MaxObjects: number(a, "MaxObjectCount"),
	}
}

// methodParams are the arguments of InvokeMethod: Params in their order, then the rest.
func methodParams(a object) ([]cim.Parameter, error) {
	var params []cim.Parameter
	add := func(name string, value any) error {
		v, err := untyped(value)
		params = append(params, cim.Param(name, v))
		return err
	}
	for _, p := range list(a, "Params") {
		if pair, ok := p.([]any); ok {
			if err := add(pair[0].(string), pair[1]); err != nil {
				return nil, err
			}
			continue
		}
		made, err := cimParameter(p.(object))
		if err != nil {
			return nil, err
		}
		params = append(params, made)
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if name != "Params" && name != "MethodName" && name != "ObjectName" {
			if err := add(name, a[name]); err != nil {
				return nil, err
			}
		}
	}
	return params, nil
}

// untyped makes a value that says its own type, or is a string.
func untyped(v any) (cim.Value, error) {
	switch v := v.(type) {
	case nil:
		return cim.Value{}, nil
	case bool:
		return cim.Boolean(v), nil
	case object:
		return objectValue(v)
	default:
		return cimValue(cim.TypeString, false, v)
	}
}

func operationCalls() map[string]operationCall {
	calls := classicCalls()
	maps.Copy(calls, pullCalls())
	return calls
}

func pullCalls() map[string]operationCall {
	open := func(f func(context.Context, *Client, cim.ObjectPath, *OpenOptions) (any, error)) operationCall {
		return func(ctx context.Context, c *Client, a object) (any, error) {
			return onPath(a["InstanceName"], func(p cim.ObjectPath) (any, error) { return f(ctx, c, p, openOptions(a)) })
		}
	}
	return map[string]operationCall{
		"OpenEnumerateInstances": func(ctx context.Context, c *Client, a object) (any, error) {
			return part(c.OpenEnumerateInstances(ctx, text(a, "namespace"), nameOf(a["ClassName"]), openOptions(a)))
		},
		"OpenEnumerateInstancePaths": func(ctx context.Context, c *Client, a object) (any, error) {
			return part(c.OpenEnumerateInstancePaths(ctx, text(a, "namespace"), nameOf(a["ClassName"]), openOptions(a)))
		},
		"OpenQueryInstances": func(ctx context.Context, c *Client, a object) (any, error) {
			return part(c.OpenQueryInstances(ctx, text(a, "namespace"), openOptions(a)))
		},
		"OpenAssociatorInstances": open(func(ctx context.Context, c *Client, p cim.ObjectPath, o *OpenOptions) (any, error) {
			return part(c.OpenAssociatorInstances(ctx, p, o))
		}),
		"OpenAssociatorInstancePaths": open(func(ctx context.Context, c *Client, p cim.ObjectPath, o *OpenOptions) (any, error) {
			return part(c.OpenAssociatorInstancePaths(ctx, p, o))
		}),
		"OpenReferenceInstances": open(func(ctx context.Context, c *Client, p cim.ObjectPath, o *OpenOptions) (any, error) {
			return part(c.OpenReferenceInstances(ctx, p, o))
		}),
		"OpenReferenceInstancePaths": open(func(ctx context.Context, c *Client, p cim.ObjectPath, o *OpenOptions) (any, error) {
			return part(c.OpenReferenceInstancePaths(ctx, p, o))
		}),
		"PullInstancesWithPath": func(ctx context.Context, c *Client, a object) (any, error) {
			return part(c.PullInstancesWithPath(ctx, enumerationOf(a), number(a, "MaxObjectCount")))
		},
		"PullInstancePaths": func(ctx context.Context, c *Client, a object) (any, error) {
			return part(c.PullInstancePaths(ctx, enumerationOf(a), number(a, "MaxObjectCount")))
		},
		"PullInstances": func(ctx context.Context, c *Client, a object) (any, error) {
			return part(c.PullInstances(ctx, enumerationOf(a), number(a, "MaxObjectCount")))
		},
		"CloseEnumeration": func(ctx context.Context, c *Client, a object) (any, error) {
			return nil, c.CloseEnumeration(ctx, enumerationOf(a))
		},
	}
}

func classicCalls() map[string]operationCall {
	return map[string]operationCall{
		"InvokeMethod": func(ctx context.Context, c *Client, a object) (any, error) {
			params, err := methodParams(a)
			if err != nil {
				return nil, err
			}
			return onPath(a["ObjectName"], func(p cim.ObjectPath) (any, error) {
				result, out, err := c.InvokeMethod(ctx, p, text(a, "MethodName"), params...)
				return invoked{result, out}, err
			})
		},
		"ExportIndication": func(ctx context.Context, c *Client, a object) (any, error) {
			i, err := cimInstance(a["NewIndication"].(object))
			if err != nil {
				return nil, err
			}
			return nil, c.ExportIndication(ctx, i)
		},
		"ExecQuery": func(ctx context.Context, c *Client, a object) (any, error) {
			return all(c.ExecQuery(ctx, text(a, "namespace"), text(a, "QueryLanguage"), text(a, "Query")))
		},
		"EnumerateQualifiers": func(ctx context.Context, c *Client, a object) (any, error) {
			return all(c.EnumerateQualifiers(ctx, text(a, "namespace")))
		},
		"GetQualifier": func(ctx context.Context, c *Client, a object) (any, error) {
			return c.GetQualifier(ctx, text(a, "namespace"), text(a, "QualifierName"))
		},
		"SetQualifier": func(ctx context.Context, c *Client, a object) (any, error) {
			q, err := cimQualifierType(a["QualifierDeclaration"].(object))
			if err != nil {
				return nil, err
			}
			return nil, c.SetQualifier(ctx, text(a, "namespace"), q)
		},
		"DeleteQualifier": func(ctx context.Context, c *Client, a object) (any, error) {
			return nil, c.DeleteQualifier(ctx, text(a, "namespace"), text(a, "QualifierName"))
		},
		"EnumerateClassNames": func(ctx context.Context, c *Client, a object) (any, error) {
			names, err := c.EnumerateClassNames(ctx, text(a, "namespace"), nameOf(a["ClassName"]), flag(a, "DeepInheritance"))
			values := []any{}
			for _, n := range names {
				values = append(values, n)
			}
			return values, err
		},
		"EnumerateClasses": func(ctx context.Context, c *Client, a object) (any, error) {
			return all(c.EnumerateClasses(ctx, text(a, "namespace"), nameOf(a["ClassName"]), flag(a, "DeepInheritance"), readOptions(a)))
		},
		"GetClass": func(ctx context.Context, c *Client, a object) (any, error) {
			return c.GetClass(ctx, text(a, "namespace"), nameOf(a["ClassName"]), readOptions(a))
		},
		"CreateClass": func(ctx context.Context, c *Client, a object) (any, error) {
			class, err := cimClass(a["NewClass"].(object))
			if err != nil {
				return nil, err
			}
			return nil, c.CreateClass(ctx, text(a, "namespace"), class)
		},
		"ModifyClass": func(ctx context.Context, c *Client, a object) (any, error) {
			class, err := cimClass(a["ModifiedClass"].(object))
			if err != nil {
				return nil, err
			}
			return nil, c.ModifyClass(ctx, text(a, "namespace"), class)
		},
		"DeleteClass": func(ctx context.Context, c *Client, a object) (any, error) {
			return nil, c.DeleteClass(ctx, text(a, "namespace"), nameOf(a["ClassName"]))
		},
		"EnumerateInstances": func(ctx context.Context, c *Client, a object) (any, error) {
			return all(c.EnumerateInstances(ctx, text(a, "namespace"), nameOf(a["ClassName"]), readOptions(a)))
		},
		"EnumerateInstanceNames": func(ctx context.Context, c *Client, a object) (any, error) {
			return all(c.EnumerateInstanceNames(ctx, text(a, "namespace"), nameOf(a["ClassName"])))
		},
		"GetInstance": func(ctx context.Context, c *Client, a object) (any, error) {
			return onPath(a["InstanceName"], func(p cim.ObjectPath) (any, error) { return c.GetInstance(ctx, p, readOptions(a)) })
		},
		"CreateInstance": func(ctx context.Context, c *Client, a object) (any, error) {
			i, err := cimInstance(a["NewInstance"].(object))
			if err != nil {
				return nil, err
			}
			namespace := text(a, "namespace")
			if namespace == "" {
				namespace = i.Path.Namespace
			}
			return c.CreateInstance(ctx, namespace, i)
		},
		"ModifyInstance": func(ctx context.Context, c *Client, a object) (any, error) {
			i, err := cimInstance(a["ModifiedInstance"].(object))
			if err != nil {
				return nil, err
			}
			return nil, c.ModifyInstance(ctx, i, names(a, "PropertyList"))
		},
		"DeleteInstance": func(ctx context.Context, c *Client, a object) (any, error) {
			return onPath(a["InstanceName"], func(p cim.ObjectPath) (any, error) { return nil, c.DeleteInstance(ctx, p) })
		},
		"Associators": func(ctx context.Context, c *Client, a object) (any, error) {
			return onPath(a["ObjectName"], func(p cim.ObjectPath) (any, error) {
				if !p.IsInstance() {
					return all(c.AssociatorClasses(ctx, p, associationOptions(a)))
				}
				return all(c.Associators(ctx, p, associationOptions(a)))
			})
		},
		"AssociatorNames": func(ctx context.Context, c *Client, a object) (any, error) {
			return onPath(a["ObjectName"], func(p cim.ObjectPath) (any, error) {
				return all(c.AssociatorNames(ctx, p, associationOptions(a)))
			})
		},
		"References": func(ctx context.Context, c *Client, a object) (any, error) {
			return onPath(a["ObjectName"], func(p cim.ObjectPath) (any, error) {
				if !p.IsInstance() {
					return all(c.ReferenceClasses(ctx, p, associationOptions(a)))
				}
				return all(c.References(ctx, p, associationOptions(a)))
			})
		},
		"ReferenceNames": func(ctx context.Context, c *Client, a object) (any, error) {
			return onPath(a["ObjectName"], func(p cim.ObjectPath) (any, error) {
				return all(c.ReferenceNames(ctx, p, associationOptions(a)))
			})
		},
	}
}

// nameOf is the name of a class that is given as a text or as a path.
func nameOf(v any) string {
	if o, ok := v.(object); ok {
		return text(o, "classname")
	}
	name, _ := v.(string)
	return name
}

// onPath calls an operation on the class or instance that an argument names.
func onPath(v any, call func(cim.ObjectPath) (any, error)) (any, error) {
	o, ok := v.(object)
	if !ok {
		return call(cim.ClassPath("", nameOf(v)))
	}
	p, err := cimPath(o)
	if err != nil {
		return nil, err
	}
	return call(p)
}

// names is an argument that is a list of names, or a single one.
func names(a object, name string) []string {
	if one := text(a, name); one != "" {
		return []string{one}
	}
	if a[name] == nil {
		return nil
	}
	all := []string{}
	for _, n := range list(a, name) {
		all = append(all, n.(string))
	}
	return slices.Clip(all)
}

func readOptions(a object) *cim.ReadOptions {
	deep, said := a["DeepInheritance"].(bool)
	return &cim.ReadOptions{
		LocalOnly: flag(a, "LocalOnly"), Shallow: said && !deep, IncludeQualifiers: flag(a, "IncludeQualifiers"),
		IncludeClassOrigin: flag(a, "IncludeClassOrigin"), Properties: names(a, "PropertyList"),
	}
}

func associationOptions(a object) *cim.AssociationOptions {
	return &cim.AssociationOptions{
		ReadOptions: *readOptions(a), AssocClass: nameOf(a["AssocClass"]), ResultClass: nameOf(a["ResultClass"]),
		Role: text(a, "Role"), ResultRole: text(a, "ResultRole"),
	}
}

package cimxml

import (
	"context"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// The classes whose instances stand for namespaces: that of DSP1033, and that of DSP0200
// before version 1.3, which older servers have.
const (
	namespaceClass    = "CIM_Namespace"
	oldNamespaceClass = "__Namespace"
)

// Namespaces returns the names of the server's namespaces, sorted, the interop namespace
// among them.
func (c *Client) Namespaces(ctx context.Context) ([]string, error) {
	instances, err := c.namespaceInstances(ctx)
	if err != nil {
		return nil, err
	}
	interop, err := c.InteropNamespace(ctx)
	if err != nil {
		return nil, err
	}
	names := []string{interop}
	for _, i := range instances {
		if name := namespaceName(i); name != "" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(cim.FoldName(a), cim.FoldName(b)) })
	return slices.CompactFunc(names, cim.EqualNames), nil
}

// namespaceInstances returns the instances that stand for namespaces: those of
// CIM_Namespace, or else of __Namespace.
func (c *Client) namespaceInstances(ctx context.Context) ([]*cim.Instance, error) {
	for _, class := range []string{namespaceClass, oldNamespaceClass} {
		list, err := c.inInterop(ctx, class)
		if len(list) > 0 || err != nil {
			return list, err
		}
	}
	return nil, nil
}

// namespaceName returns the name of the namespace that an instance stands for. It is the
// whole name, "root/cimv2" (observed: sfcb).
func namespaceName(i *cim.Instance) string {
	name := i.Text("Name")
	if name == "" {
		name = i.Path.KeyText("Name") // some servers leave keys out of the instance
	}
	return cim.CleanNamespace(name)
}

// CreateNamespace creates a namespace. Where there is one of that name the error is
// StatusAlreadyExists. It is never sent twice.
func (c *Client) CreateNamespace(ctx context.Context, name string) error {
	name = cim.CleanNamespace(name)
	instances, err := c.namespaceInstances(ctx)
	if err != nil {
		return err
	}
	i := cim.NewInstance(namespaceClass)
	if len(instances) > 0 { // of the same class and with the same keys as the others
		i.Class = instances[0].Class
		for _, k := range instances[0].Path.Keys {
			i.Set(k.Name, k.Value)
		}
		if info := instances[0].Get("ClassInfo"); !info.IsNull() {
			i.Set("ClassInfo", info) // is required, and says nothing
		}
	}
	i.Set("Name", cim.String(name))
	interop, err := c.InteropNamespace(ctx)
	if err != nil {
		return err
	}
	_, err = c.CreateInstance(ctx, interop, i)
	return err
}

// DeleteNamespace deletes a namespace. It is for the server to say what happens to what
// is in it: most refuse unless it is empty. The error is StatusNotFound when there is no
// such namespace. It is never sent twice.
func (c *Client) DeleteNamespace(ctx context.Context, name string) error {
	name = cim.CleanNamespace(name)
	instances, err := c.namespaceInstances(ctx)
	if err != nil {
		return err
	}
	for _, i := range instances {
		if cim.EqualNames(namespaceName(i), name) {
			return c.DeleteInstance(ctx, i.Path.Local())
		}
	}
	return &OpError{Op: "DeleteNamespace", Object: name, Server: c.endpoint, Err: cim.Errorf(cim.StatusNotFound, "there is no such namespace")}
}

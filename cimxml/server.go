package cimxml

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// ErrNoInterop says that a server has no interop namespace under any of the usual names.
var ErrNoInterop = errors.New("no interop namespace")

// InteropNamespace returns the namespace in which the server describes itself: the first
// of [cim.InteropNamespaces] with one of the classes that belong there. It is looked for
// once. The error is [ErrNoInterop] when there is none.
func (c *Client) InteropNamespace(ctx context.Context) (string, error) {
	if known := c.interop.Load(); known != nil {
		return *known, nil
	}
	names := cim.InteropNamespaces()
	for _, name := range names {
		ok, err := c.isInterop(ctx, name)
		if err != nil {
			return "", fmt.Errorf("find the interop namespace: %w", err)
		}
		if ok {
			c.interop.Store(&name)
			return name, nil
		}
	}
	return "", fmt.Errorf("%w: none of %s has any of the classes %s", ErrNoInterop,
		strings.Join(names, ", "), strings.Join(interopClasses(), ", "))
}

// interopClasses are classes that stand in the interop namespace, and seldom elsewhere.
// DSP1033 asks for the first; the last is all that some servers without profiles have.
func interopClasses() []string {
	return []string{"CIM_ObjectManager", namespaceClass, "CIM_IndicationFilter"}
}

func (c *Client) isInterop(ctx context.Context, namespace string) (bool, error) {
	for _, class := range interopClasses() {
		_, err := c.GetClass(ctx, namespace, class, &cim.ReadOptions{LocalOnly: true, Properties: []string{}})
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, cim.StatusInvalidNamespace):
			return false, nil
		case !cim.IsMissingClass(err):
			return false, err
		}
	}
	return false, nil
}

// inInterop returns the instances of a class of the interop namespace, none where the
// server has no such class.
func (c *Client) inInterop(ctx context.Context, class string) ([]*cim.Instance, error) {
	interop, err := c.InteropNamespace(ctx)
	if err != nil {
		return nil, err
	}
	var list []*cim.Instance
	for i, err := range c.EnumerateInstances(ctx, interop, class, nil) {
		if cim.IsMissingClass(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, nil
}

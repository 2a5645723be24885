package cimxml

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// The Iterate methods read results of any size: in pieces by pull operations where the
// server has them, else by the classic operation, of which they remember that the server
// has no others. Objects are handed on as they arrive and none is held. An enumeration
// that the caller leaves early is closed. MaxObjects of the options is the size of a
// piece, 1000 when it is 0. A filter needs pull operations.

// IterateInstances yields the instances of a class with their paths.
func (c *Client) IterateInstances(ctx context.Context, namespace, class string, o *OpenOptions) iter.Seq2[*cim.Instance, error] {
	open := batched(o)
	classic := unfiltered(open, c.EnumerateInstances(ctx, namespace, class, &open.ReadOptions))
	return iteration[*cim.Instance]{c.openInstances(namespace, class, open), pullWithPath, (*decoder).resultRow, classic}.all(ctx, c)
}

// IterateInstancePaths yields the paths of the instances of a class.
func (c *Client) IterateInstancePaths(ctx context.Context, namespace, class string, o *OpenOptions) iter.Seq2[cim.ObjectPath, error] {
	open := batched(o)
	classic := unfiltered(open, c.EnumerateInstanceNames(ctx, namespace, class))
	return iteration[cim.ObjectPath]{c.openPaths(namespace, class, open), pullPaths, (*decoder).resultPath, classic}.all(ctx, c)
}

// IterateAssociators yields the instances associated with the one at path.
func (c *Client) IterateAssociators(ctx context.Context, path cim.ObjectPath, o *OpenOptions) iter.Seq2[*cim.Instance, error] {
	open := batched(o)
	classic := unfiltered(open, c.Associators(ctx, path, &open.AssociationOptions))
	return iteration[*cim.Instance]{c.openAssociators(path, open), pullWithPath, (*decoder).resultRow, classic}.all(ctx, c)
}

// IterateAssociatorPaths yields the paths of the instances associated with the one at path.
func (c *Client) IterateAssociatorPaths(ctx context.Context, path cim.ObjectPath, o *OpenOptions) iter.Seq2[cim.ObjectPath, error] {
	open := batched(o)
	classic := unfiltered(open, c.AssociatorNames(ctx, path, &open.AssociationOptions))
	return iteration[cim.ObjectPath]{c.openAssociatorPaths(path, open), pullPaths, (*decoder).resultPath, classic}.all(ctx, c)
}

// IterateReferences yields the associations that refer to the instance at path.
func (c *Client) IterateReferences(ctx context.Context, path cim.ObjectPath, o *OpenOptions) iter.Seq2[*cim.Instance, error] {
	open := batched(o)
	classic := unfiltered(open, c.References(ctx, path, &open.AssociationOptions))
	return iteration[*cim.Instance]{c.openReferences(path, open), pullWithPath, (*decoder).resultRow, classic}.all(ctx, c)
}

// IterateReferencePaths yields the paths of the associations that refer to the instance
// at path.
func (c *Client) IterateReferencePaths(ctx context.Context, path cim.ObjectPath, o *OpenOptions) iter.Seq2[cim.ObjectPath, error] {
	open := batched(o)
	classic := unfiltered(open, c.ReferenceNames(ctx, path, &open.AssociationOptions))
	return iteration[cim.ObjectPath]{c.openReferencePaths(path, open), pullPaths, (*decoder).resultPath, classic}.all(ctx, c)
}

// IterateQuery yields the result of a query, such as "SELECT * FROM CIM_Fan" in "WQL".
func (c *Client) IterateQuery(ctx context.Context, namespace, language, query string, o *OpenOptions) iter.Seq2[*cim.Instance, error] {
	open := batched(o)
	open.FilterLanguage, open.Filter = language, query
	return iteration[*cim.Instance]{c.openQuery(namespace, open), "PullInstances", (*decoder).resultRow, c.ExecQuery(ctx, namespace, language, query)}.all(ctx, c)
}

const (
	pullWithPath = "PullInstancesWithPath"
	pullPaths    = "PullInstancePaths"
)

// unfiltered returns a classic operation, unless there is a filter, which none of them takes.
func unfiltered[T any](o OpenOptions, classic iter.Seq2[T, error]) iter.Seq2[T, error] {
	if o.Filter != "" {
		return nil
	}
	return classic
}

func batched(o *OpenOptions) OpenOptions {
	open := orZero(o)
	if open.MaxObjects == 0 {
		open.MaxObjects = defaultBatch
	}
	return open
}

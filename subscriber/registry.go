package subscriber

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

const (
	filterClass       = "CIM_IndicationFilter"
	subscriptionClass = "CIM_IndicationSubscription"
)

// handlerParents returns the classes that all handlers are below. The first is above the
// second in today's schema, and stood beside it or was missing in earlier ones.
func handlerParents() []string { return []string{"CIM_ListenerDestination", "CIM_IndicationHandler"} }

// registry is what a server has of filters, handlers and subscriptions. Every instance
// has its path, with the namespace and without the host.
type registry struct {
	filters, handlers, subscriptions []*cim.Instance
}

func (r *run) read(ctx context.Context) (g registry, err error) {
	if g.subscriptions, err = r.enumerate(ctx, subscriptionClass); err != nil {
		return g, err
	}
	if g.filters, err = r.listFilters(ctx); err != nil {
		return g, err
	}
	g.handlers, err = r.listHandlers(ctx)
	return g, err
}

func (r *run) listFilters(ctx context.Context) ([]*cim.Instance, error) {
	return r.enumerate(ctx, filterClass)
}

func (r *run) listHandlers(ctx context.Context) (list []*cim.Instance, err error) {
	seen := map[string]bool{}
	for _, class := range handlerParents() {
		handlers, err := r.enumerate(ctx, class)
		if err != nil {
			return nil, err
		}
		for _, h := range handlers {
			if key := h.Path.Canonical(); !seen[key] {
				seen[key] = true
				list = append(list, h)
			}
		}
	}
	return list, nil
}

// enumerate returns the instances of a class, none when the server has no such class.
func (r *run) enumerate(ctx context.Context, class string) ([]*cim.Instance, error) {
	var list []*cim.Instance
	for inst, err := range r.client.EnumerateInstances(ctx, r.report.Interop, class, nil) {
		if cim.IsMissingClass(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list instances of %s: %w", class, err)
		}
		inst.Path = inst.Path.In(r.report.Interop).Local()
		list = append(list, inst)
	}
	return list, nil
}

// of returns what belongs to a declaration of that name.
func (g registry) of(name string) registry {
	named := func(inst *cim.Instance) bool { return ownerOf(nameOf(inst)) == name }
	return registry{
		filters:  keep(g.filters, named),
		handlers: keep(g.handlers, named),
		subscriptions: keep(g.subscriptions, func(inst *cim.Instance) bool {
			return ownerOf(referenceOf(inst, filterRole).KeyText("Name")) == name ||
				ownerOf(referenceOf(inst, handlerRole).KeyText("Name")) == name
		}),
	}
}

func keep(list []*cim.Instance, wanted func(*cim.Instance) bool) []*cim.Instance {
	var kept []*cim.Instance
	for _, inst := range list {
		if wanted(inst) {
			kept = append(kept, inst)
		}
	}
	return kept
}

// nameOf returns the Name of a filter or handler, which is a key.
func nameOf(inst *cim.Instance) string {
	if name := inst.Path.KeyText("Name"); name != "" {
		return name
	}
	return inst.Text("Name")
}

// filterAsWanted reports whether a filter says what w says. A property that the server
// does not return (observed: sfcb 1.3.11 has no SourceNamespaces in some schemas) cannot
// speak against it, nor can namespaces that it adds: deleting on that ground would repeat
// for ever.
func (w wanted) filterAsWanted(filter *cim.Instance) bool {
	query, known := filter.Get("Query").Text()
	if known && !slices.Equal(strings.Fields(query), strings.Fields(w.Query)) {
		return false
	}
	language, known := filter.Get("QueryLanguage").Text()
	if known && !strings.EqualFold(language, w.Language) {
		return false
	}
	namespaces := localSet(sourceNamespaces(filter))
	switch {
	case len(namespaces) == 0:
		return true
	case filter.Get("SourceNamespaces").IsNull(): // then SourceNamespace holds one of them
		return slices.Contains(localSet(w.SourceNamespaces), namespaces[0])
	default:
		missing := func(n string) bool { return !slices.Contains(namespaces, n) }
		return !slices.ContainsFunc(localSet(w.SourceNamespaces), missing)
	}
}

// localSet is foldedSet for namespaces as servers write them: with a host in front,
// "//esx1/root/cimv2", or with backslashes.
func localSet(namespaces []string) []string {
	set := make([]string, len(namespaces))
	for i, n := range namespaces {
		n = strings.ReplaceAll(n, `\`, "/")
		if _, rest, ok := strings.Cut(n, "//"); ok {
			_, n, _ = strings.Cut(rest, "/")
		}
		set[i] = n
	}
	return foldedSet(set)
}

func (w wanted) handlerAsWanted(handler *cim.Instance) bool {
	destination, known := handler.Get("Destination").Text()
	return !known || destination == w.Destination
}

// sourceNamespaces reads a filter's namespaces from SourceNamespaces or from the property
// that was before it.
func sourceNamespaces(filter *cim.Instance) []string {
	var namespaces []string
	for _, v := range filter.Get("SourceNamespaces").Elements() {
		if text, ok := v.Text(); ok {
			namespaces = append(namespaces, text)
		}
	}
	if old := filter.Text("SourceNamespace"); namespaces == nil && old != "" {
		namespaces = []string{old}
	}
	return namespaces
}

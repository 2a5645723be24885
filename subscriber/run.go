package subscriber

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// run is one call of Reconcile, Remove or List.
type run struct {
	*Subscriber

	report  Report
	errs    []error
	broken  bool // the server does not answer: nothing further is tried
	system  *system
	objects map[string]*object // filters and handlers that stand as declared, by Name
	joined  map[pair]bool      // subscriptions that do
}

// object is a filter or handler.
type object struct {
	path cim.ObjectPath
	kind string
	used bool // by a subscription that stands
	made bool // by this run
}

// The kinds of objects.
const (
	kindFilter  = "filter"
	kindHandler = "handler"
)

// pair is the Names of the filter and the handler that a subscription joins.
type pair struct{ filter, handler string }

func (s *Subscriber) begin(ctx context.Context) (*run, error) {
	interop, err := s.FindInterop(ctx)
	if err != nil {
		return nil, err
	}
	return &run{
		Subscriber: s,
		report:     Report{Interop: interop},
		objects:    map[string]*object{},
		joined:     map[pair]bool{},
	}, nil
}

// fail notes an error. One that is no answer of the server ends the run: a server that
// does not answer one request makes every further one wait as long.
func (r *run) fail(err error) {
	var refusal *cim.Error
	r.broken = r.broken || !errors.As(err, &refusal)
	r.errs = append(r.errs, err)
}

// leftovers are what an earlier run made and the plan has no place for.
type leftovers struct{ subscriptions, filters, handlers []*cim.Instance }

// clearWay keeps what stands as planned and deletes what has the name of something planned
// but is not as it should be, subscriptions first, since a filter or handler in use cannot
// be deleted. It returns the rest: it goes on working until what takes its place stands.
func (r *run) clearWay(ctx context.Context, there registry, plan []wanted) (rest leftovers) {
	var inTheWay []*cim.Instance
	sort := func(inst *cim.Instance, planned bool, others *[]*cim.Instance) {
		if planned {
			inTheWay = append(inTheWay, inst)
		} else {
			*others = append(*others, inst)
		}
	}
	for _, f := range there.filters {
		if !r.keepFilter(f, plan) {
			sort(f, isPlanned(f, plan), &rest.filters)
		}
	}
	for _, h := range there.handlers {
		if !r.keepHandler(h, plan) {
			sort(h, isPlanned(h, plan), &rest.handlers)
		}
	}
	for _, s := range there.subscriptions {
		switch {
		case r.keepSubscription(s, plan):
		case joinsPlanned(s, plan) || usesAny(s, inTheWay):
			r.delete(ctx, "subscription", s.Path)
		default:
			rest.subscriptions = append(rest.subscriptions, s)
		}
	}
	for _, inst := range inTheWay {
		r.delete(ctx, kindOf(inst), inst.Path)
	}
	return rest
}

// isPlanned reports whether a filter or handler has a name of the plan.
func isPlanned(inst *cim.Instance, plan []wanted) bool {
	name := nameOf(inst)
	return slices.ContainsFunc(plan, func(w wanted) bool { return w.filterName == name || w.handlerName == name })
}

// joinsPlanned reports whether a subscription joins a filter and a handler, there or not,
// as one of the plan is to do.
func joinsPlanned(inst *cim.Instance, plan []wanted) bool {
	joined := pair{referenceOf(inst, filterRole).KeyText("Name"), referenceOf(inst, handlerRole).KeyText("Name")}
	return slices.ContainsFunc(plan, func(w wanted) bool { return w.pair() == joined })
}

// usesAny reports whether a subscription refers to one of some filters and handlers.
func usesAny(inst *cim.Instance, objects []*cim.Instance) bool {
	filter, handler := referenceOf(inst, filterRole), referenceOf(inst, handlerRole)
	return slices.ContainsFunc(objects, func(o *cim.Instance) bool {
		return refersTo(filter, o.Path) || refersTo(handler, o.Path)
	})
}

func kindOf(inst *cim.Instance) string {
	if cim.EqualNames(inst.Class, filterClass) {
		return kindFilter
	}
	return kindHandler
}

// clear deletes leftovers, subscriptions first.
func (r *run) clear(ctx context.Context, rest leftovers) {
	for _, s := range rest.subscriptions {
		r.delete(ctx, "subscription", s.Path)
	}
	for _, f := range rest.filters {
		r.delete(ctx, kindFilter, f.Path)
	}
	for _, h := range rest.handlers {
		r.delete(ctx, kindHandler, h.Path)
	}
}

func (r *run) keepFilter(inst *cim.Instance, plan []wanted) bool {
	name := nameOf(inst)
	for _, w := range plan {
		if w.filterName == name && r.objects[name] == nil && (w.filterAsWanted(inst) || r.memory.looksAsMade(inst)) {
			r.objects[name] = &object{path: inst.Path, kind: kindFilter}
			return true
		}
	}
	return false
}

func (r *run) keepHandler(inst *cim.Instance, plan []wanted) bool {
	name := nameOf(inst)
	for _, w := range plan {
		if w.handlerName == name && r.objects[name] == nil && (w.handlerAsWanted(inst) || r.memory.looksAsMade(inst)) {
			r.objects[name] = &object{path: inst.Path, kind: kindHandler}
			return true
		}
	}
	return false
}

// keepSubscription reports whether a subscription joins a filter and a handler that stand,
// as one of the plan does, is the only one to do so, delivers, and will go on doing so.
func (r *run) keepSubscription(inst *cim.Instance, plan []wanted) bool {
	if stateOf(inst) == StateDisabled {
		return false
	}
	filter, handler := referenceOf(inst, filterRole), referenceOf(inst, handlerRole)
	for _, w := range plan {
		f, h := r.objects[w.filterName], r.objects[w.handlerName]
		if f != nil && h != nil && refersTo(filter, f.path) && refersTo(handler, h.path) {
			life := r.lifetimeOf(inst, w.pair())
			if life.ending() || !r.kept(w, inst.Path) {
				return false
			}
			r.expect(life)
			return true
		}
	}
	return false
}

// kept notes that a subscription stands; it returns false when that was noted before.
func (r *run) kept(w wanted, path cim.ObjectPath) bool {
	if r.joined[w.pair()] {
		return false
	}
	r.step("Keeping subscription", w.Query)
	r.report.Kept = append(r.report.Kept, path)
	r.join(w)
	return true
}

func (r *run) join(w wanted) {
	r.joined[w.pair()] = true
	r.objects[w.filterName].used = true
	r.objects[w.handlerName].used = true
}

func (r *run) delete(ctx context.Context, kind string, path cim.ObjectPath) {
	if r.broken {
		return
	}
	r.step("Deleting "+kind, path.KeyText("Name"))
	err := r.client.DeleteInstance(ctx, path)
	switch {
	case err == nil:
		r.report.Removed = append(r.report.Removed, path)
	case !errors.Is(err, cim.StatusNotFound):
		r.fail(fmt.Errorf("delete %s: %w", kind, err))
	}
}

// takeBack deletes the filters and handlers of the plan that no subscription came to use.
// Those that this run made are nothing that an earlier one left, and are not reported.
func (r *run) takeBack(ctx context.Context, plan []wanted) {
	for _, w := range plan {
		for _, name := range []string{w.filterName, w.handlerName} {
			if o := r.objects[name]; o != nil && !o.used {
				before := len(r.report.Removed)
				r.delete(ctx, o.kind, o.path)
				delete(r.objects, name)
				if o.made {
					r.report.Removed = r.report.Removed[:before]
				}
			}
		}
	}
}

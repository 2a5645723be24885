package subscriber

import (
	"context"
	"errors"
	"fmt"

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

// cleanUp keeps what stands as planned and deletes the rest of what there is,
// subscriptions first, since a filter or handler in use cannot be deleted.
func (r *run) cleanUp(ctx context.Context, there registry, plan []wanted) {
	var filters, handlers []*cim.Instance
	for _, f := range there.filters {
		if !r.keepFilter(f, plan) {
			filters = append(filters, f)
		}
	}
	for _, h := range there.handlers {
		if !r.keepHandler(h, plan) {
			handlers = append(handlers, h)
		}
	}
	for _, s := range there.subscriptions {
		if !r.keepSubscription(s, plan) {
			r.delete(ctx, "subscription", s.Path)
		}
	}
	for _, f := range filters {
		r.delete(ctx, kindFilter, f.Path)
	}
	for _, h := range handlers {
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
func (r *run) takeBack(ctx context.Context, plan []wanted) {
	for _, w := range plan {
		for _, name := range []string{w.filterName, w.handlerName} {
			if o := r.objects[name]; o != nil && !o.used {
				r.delete(ctx, o.kind, o.path)
				delete(r.objects, name)
			}
		}
	}
}

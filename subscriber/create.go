package subscriber

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// handlerClasses returns the classes of a handler for CIM-XML: the one that every server
// observed has, and the one that replaced it in the schema.
func handlerClasses() []string {
	return []string{"CIM_IndicationHandlerCIMXML", "CIM_ListenerDestinationCIMXML"}
}

// Values of CIM_ListenerDestination.
const (
	protocolCIMXML       = 2
	persistencePermanent = 2
)

// system is what filters and handlers belong to. The server's own words are used where it
// has them; sfcb takes any (observed), but not none.
type system struct{ class, name string }

const (
	defaultSystemClass = "CIM_ComputerSystem"
	defaultSystemName  = "cimwatch"
)

// subscribe sees to it that the subscription of w stands.
func (r *run) subscribe(ctx context.Context, w wanted) {
	if err := r.trySubscribe(ctx, w); err != nil {
		r.fail(fmt.Errorf("subscribe to %q: %w", w.Query, err))
	}
}

func (r *run) trySubscribe(ctx context.Context, w wanted) error {
	if r.joined[w.pair()] {
		return nil
	}
	f, err := r.filter(ctx, w)
	if err != nil {
		return err
	}
	h, err := r.handler(ctx, w)
	if err != nil {
		return err
	}
	r.step("Creating subscription", w.Query)
	path, err := r.client.CreateInstance(ctx, r.report.Interop, cim.NewInstance(subscriptionClass,
		append(w.lifetime(), reference(filterRole, filterClass, f.path), reference(handlerRole, handlerParents()[0], h.path))...))
	switch {
	case errors.Is(err, cim.StatusAlreadyExists):
		path = cim.InstancePath(r.report.Interop, subscriptionClass,
			cim.Key{Name: filterRole, Value: cim.Reference(f.path)}, cim.Key{Name: handlerRole, Value: cim.Reference(h.path)})
		r.kept(w, path)
	case err != nil:
		return fmt.Errorf("create subscription: %w", err)
	default:
		r.report.Created = append(r.report.Created, path.In(r.report.Interop).Local())
		r.join(w)
		r.memory.keepBirth(w.pair(), r.now())
		r.expect(lifetime{whole: w.duration, left: w.duration})
	}
	return nil
}

// lifetime returns the property that bounds the life of a subscription, where there is one.
func (w wanted) lifetime() []cim.Property {
	if w.duration == 0 {
		return nil
	}
	return []cim.Property{cim.Prop("SubscriptionDuration", cim.Uint64(uint64(w.duration/time.Second)))}
}

func reference(role, class string, path cim.ObjectPath) cim.Property {
	p := cim.Prop(role, cim.Reference(path))
	p.ReferenceClass = class
	return p
}

func (r *run) filter(ctx context.Context, w wanted) (*object, error) {
	if o := r.objects[w.filterName]; o != nil {
		return o, nil
	}
	r.step("Creating filter", w.Query)
	path, err := r.create(ctx, filterClass, w.filterName,
		cim.Prop("Query", cim.String(w.Query)),
		cim.Prop("QueryLanguage", cim.String(w.Language)),
		cim.Prop("SourceNamespace", cim.String(w.SourceNamespaces[0])), // what servers before CIM 2.22 look at
		cim.Prop("SourceNamespaces", cim.Strings(w.SourceNamespaces...)))
	if err != nil {
		return nil, fmt.Errorf("create filter: %w", err)
	}
	return r.created(w.filterName, kindFilter, path), nil
}

func (r *run) handler(ctx context.Context, w wanted) (*object, error) {
	if o := r.objects[w.handlerName]; o != nil {
		return o, nil
	}
	r.step("Creating handler", withoutPath(w.Destination))
	var first error
	for _, class := range handlerClasses() {
		path, err := r.create(ctx, class, w.handlerName,
			cim.Prop("Protocol", cim.Uint16(protocolCIMXML)),
			cim.Prop("PersistenceType", cim.Uint16(persistencePermanent)),
			cim.Prop("Destination", cim.String(w.Destination)))
		if err == nil {
			return r.created(w.handlerName, kindHandler, path), nil
		}
		if first == nil {
			first = fmt.Errorf("create handler: %w", err)
		}
		if !cim.IsMissingClass(err) {
			break
		}
	}
	return nil, first
}

func (r *run) created(name, kind string, path cim.ObjectPath) *object {
	o := &object{path: path, kind: kind, made: true}
	r.objects[name] = o
	return o
}

// create creates a filter or handler with all four keys, which sfcb 1.3.11 wants in full
// (observed), and returns the path that the server gave it. One that exists already was
// made by another run of the same name meanwhile, and is the same: its name says so.
func (r *run) create(ctx context.Context, class, name string, properties ...cim.Property) (cim.ObjectPath, error) {
	sys, err := r.findSystem(ctx)
	if err != nil {
		return cim.ObjectPath{}, err
	}
	keys := []cim.Key{
		{Name: "SystemCreationClassName", Value: cim.String(sys.class)},
		{Name: "SystemName", Value: cim.String(sys.name)},
		{Name: "CreationClassName", Value: cim.String(class)},
		{Name: "Name", Value: cim.String(name)},
	}
	inst := cim.NewInstance(class)
	for _, k := range keys {
		inst.Set(k.Name, k.Value)
	}
	inst.Properties = append(inst.Properties, properties...)
	path, err := r.client.CreateInstance(ctx, r.report.Interop, inst)
	if errors.Is(err, cim.StatusAlreadyExists) || err == nil && path.KeyText("Name") == "" {
		return cim.InstancePath(r.report.Interop, class, keys...), nil
	}
	return path.In(r.report.Interop).Local(), err
}

// findSystem asks, once, which system the server's object manager belongs to.
func (r *run) findSystem(ctx context.Context) (system, error) {
	if r.system != nil {
		return *r.system, nil
	}
	found := system{class: defaultSystemClass, name: defaultSystemName}
	o := &cim.ReadOptions{Properties: []string{"SystemCreationClassName", "SystemName"}}
	for inst, err := range r.client.EnumerateInstances(ctx, r.report.Interop, "CIM_ObjectManager", o) {
		if _, refused := errors.AsType[*cim.Error](err); refused {
			break // the defaults do
		}
		if err != nil {
			return found, fmt.Errorf("find the name of the system: %w", err)
		}
		if class, name := inst.Text("SystemCreationClassName"), inst.Text("SystemName"); class != "" && name != "" {
			found = system{class: class, name: name}
			break
		}
	}
	r.system = &found
	return found, nil
}

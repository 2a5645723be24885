package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// planner compares what files declare with what is on a server.
type planner struct {
	s       *session
	c       *compiledMOF
	arrived *progress
	plan    plan
}

// newPlan asks the server for all that the files declare, and returns what to do.
func newPlan(ctx context.Context, env *Env, s *session, c *compiledMOF) (*plan, error) {
	p := &planner{s: s, c: c, arrived: env.newProgress("objects compared", true), plan: plan{Steps: []planStep{}}}
	defer p.arrived.end()
	classes := c.inOrder()
	for _, namespace := range namespacesOf(classes, s.namespace) {
		for _, q := range c.QualifierTypes()[c.usedQualifiers:] {
			if err := p.qualifierType(ctx, namespace, q); err != nil {
				return nil, err
			}
		}
	}
	for _, class := range classes {
		if err := p.class(ctx, class); err != nil {
			return nil, err
		}
	}
	for _, i := range referredFirst(c.Schema.Instances()[c.usedInstances:]) {
		if err := p.instance(ctx, i); err != nil {
			return nil, err
		}
	}
	return &p.plan, nil
}

// namespacesOf returns the namespaces that need qualifier types: those of the classes, or the
// standard one where there are none.
func namespacesOf(classes []*cim.Class, standard string) []string {
	var names []string
	for _, c := range classes {
		if !slices.ContainsFunc(names, func(n string) bool { return cim.EqualNames(n, c.Path.Namespace) }) {
			names = append(names, c.Path.Namespace)
		}
	}
	if names == nil {
		return []string{standard}
	}
	return names
}

// add adds a step; err is what the server said when it was asked for the object.
func (p *planner) add(step planStep, err error, same func() bool) error {
	p.arrived.add()
	switch {
	case errors.Is(err, cim.StatusInvalidNamespace):
		return withHint(err, "create it with \"cimwatch namespace create URL "+step.Namespace+"\", or choose another with --namespace")
	case err != nil && !isAbsent(err):
		return err
	case err != nil:
		step.Action = actionCreate
	case same():
		step.Action = actionKeep
	default:
		step.Action = actionDiffer
	}
	p.plan.Steps = append(p.plan.Steps, step)
	return nil
}

func (p *planner) qualifierType(ctx context.Context, namespace string, q cim.QualifierType) error {
	old, err := p.s.GetQualifier(ctx, namespace, q.Name)
	set := func(ctx context.Context) error { return p.s.SetQualifier(ctx, namespace, &q) }
	return p.add(planStep{
		Element: "qualifier type", Namespace: namespace, Name: q.Name,
		create: set, replace: set,
		remove:  func(ctx context.Context) error { return p.s.DeleteQualifier(ctx, namespace, q.Name) },
		restore: func(ctx context.Context) error { return p.s.SetQualifier(ctx, namespace, old) },
	}, err, func() bool {
		return old.Default.Equal(q.Default) && old.Default.DeclaredType() == q.Default.DeclaredType() &&
			old.Default.IsArray() == q.Default.IsArray() && old.ArraySize == q.ArraySize && old.Scope == q.Scope && old.Flavor == q.Flavor
	})
}

func (p *planner) class(ctx context.Context, class *cim.Class) error {
	namespace := class.Path.Namespace
	old, err := p.s.GetClass(ctx, namespace, class.Name, &cim.ReadOptions{LocalOnly: true, IncludeQualifiers: true})
	return p.add(planStep{
		Element: "class", Namespace: namespace, Name: class.Name,
		create:  func(ctx context.Context) error { return p.s.CreateClass(ctx, namespace, class) },
		replace: func(ctx context.Context) error { return p.s.ModifyClass(ctx, namespace, class) },
		remove:  func(ctx context.Context) error { return p.s.DeleteClass(ctx, namespace, class.Name) },
		restore: func(ctx context.Context) error { return p.s.ModifyClass(ctx, namespace, old) },
	}, err, func() bool { return declaredHere(old).Equal(declaredHere(class)) })
}

func (p *planner) instance(ctx context.Context, i *cim.Instance) error {
	old, err := p.s.GetInstance(ctx, i.Path, nil)
	path := i.Path
	given := p.given(i)
	return p.add(planStep{
		Element: "instance", Namespace: i.Path.Namespace, Name: i.Path.Relative().String(),
		create: func(ctx context.Context) error {
			created, err := p.s.CreateInstance(ctx, i.Path.Namespace, given)
			if err == nil && created.IsInstance() {
				path = created.In(i.Path.Namespace)
			}
			return err
		},
		replace: func(ctx context.Context) error { return p.s.ModifyInstance(ctx, i, nil) },
		remove:  func(ctx context.Context) error { return p.s.DeleteInstance(ctx, path) },
		restore: func(ctx context.Context) error { return p.s.ModifyInstance(ctx, old, nil) },
	}, err, func() bool { return holds(old, given) })
}

// given returns an instance without the properties that are NULL anyway.
func (p *planner) given(i *cim.Instance) *cim.Instance {
	given := i.Clone()
	class := p.c.Class(i.Class)
	given.Properties = slices.DeleteFunc(given.Properties, func(property cim.Property) bool {
		declared := class.Property(property.Name)
		return property.Value.IsNull() && (declared == nil || declared.Value.IsNull())
	})
	return given
}

// holds reports whether an instance has all values of another.
func holds(old, given *cim.Instance) bool {
	namespace := given.Path.Namespace
	return !slices.ContainsFunc(given.Properties, func(p cim.Property) bool {
		a, b := old.Get(p.Name), p.Value
		if x, ok := a.Reference(); ok {
			y, ok := b.Reference()
			return !ok || !x.Local().In(namespace).Equal(y.Local().In(namespace))
		}
		return !a.Equal(b) && (!a.IsNull() || !b.IsNull())
	})
}

// declaredHere returns a class without what it inherits, and without what servers add.
func declaredHere(class *cim.Class) *cim.Class {
	c := cim.Class{Name: class.Name, SuperClass: class.SuperClass, Qualifiers: declaredQualifiers(class.Qualifiers)}
	for _, p := range class.Properties {
		if !p.Propagated {
			p.ClassOrigin, p.Embedded, p.Qualifiers = "", cim.NotEmbedded, declaredQualifiers(p.Qualifiers)
			c.Properties = append(c.Properties, p)
		}
	}
	for _, m := range class.Methods {
		if m.Propagated {
			continue
		}
		m.ClassOrigin, m.Qualifiers, m.Parameters = "", declaredQualifiers(m.Qualifiers), slices.Clone(m.Parameters)
		for i := range m.Parameters {
			p := &m.Parameters[i]
			p.Embedded, p.Qualifiers = cim.NotEmbedded, declaredQualifiers(p.Qualifiers)
		}
		c.Methods = append(c.Methods, m)
	}
	return &c
}

func declaredQualifiers(list []cim.Qualifier) []cim.Qualifier {
	var here []cim.Qualifier
	for _, q := range list {
		if !q.Propagated {
			q.Flavor = 0 // that of the type, which is compared by itself
			here = append(here, q)
		}
	}
	return here
}

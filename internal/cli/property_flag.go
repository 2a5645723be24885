package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

// propertyFlag is a flag that names properties.
type propertyFlag struct {
	flag    string
	names   []string // nil: the flag was not given
	changed func(flag string) bool
}

// addPropertyFlag adds --property.
func addPropertyFlag(cmd *cobra.Command) *propertyFlag {
	return newPropertyFlag(cmd, "property", "`name` of a property to read, instead of all; can be repeated")
}

func newPropertyFlag(cmd *cobra.Command, flag, usage string) *propertyFlag {
	p := &propertyFlag{flag: flag, changed: cmd.Flags().Changed}
	cmd.Flags().StringSliceVar(&p.names, flag, nil, usage)
	return p
}

// check returns an error of wrong usage for what cannot be the name of a property.
func (p *propertyFlag) check() error {
	if p.changed(p.flag) && len(p.names) == 0 {
		return usage(fmt.Errorf("--%s: there is no name", p.flag))
	}
	for _, name := range p.names {
		if !isClassName(name) { // classes and their members are named alike
			return usage(fmt.Errorf("--%s: %q is not the name of a property", p.flag, printable(name)))
		}
	}
	return nil
}

// maxClassesAsked is how many classes are asked for a property that their superclass lacks.
const maxClassesAsked = 100

// declaredBy returns an error of wrong usage for a property that neither a class has nor,
// where below is true, any below it. Where the server does not tell of the class, it says so
// on standard error.
func (p *propertyFlag) declaredBy(ctx context.Context, s *session, class cim.ObjectPath, below bool) error {
	if len(p.names) == 0 {
		return nil
	}
	declared, err := s.GetClass(ctx, class.Namespace, class.Class, &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil {
		return p.unchecked(s, err)
	}
	missing := p.missing(declared, p.names)
	if below && len(missing) > 0 {
		if missing, err = p.missingBelow(ctx, s, class, missing); err != nil {
			return p.unchecked(s, err)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = declaredProperty(declared, p.flag, missing[0])
	return err
}

func (p *propertyFlag) missing(class *cim.Class, names []string) []string {
	var missing []string
	for _, name := range names {
		if class.Property(name) == nil {
			missing = append(missing, name)
		}
	}
	return missing
}

// missingBelow returns which names no class below a class has either. It asks one class at a
// time: sfcb breaks off when it is asked for many at once (seen).
func (p *propertyFlag) missingBelow(ctx context.Context, s *session, class cim.ObjectPath, missing []string) ([]string, error) {
	names, err := s.EnumerateClassNames(ctx, class.Namespace, class.Class, true)
	if err != nil {
		return nil, err
	}
	if len(names) > maxClassesAsked {
		return nil, cim.Errorf(cim.StatusFailed, "%d classes are below %s", len(names), class.Class)
	}
	for _, name := range names {
		c, err := s.GetClass(ctx, class.Namespace, name, &cim.ReadOptions{})
		if err != nil {
			return nil, err
		}
		if missing = p.missing(c, missing); len(missing) == 0 {
			break
		}
	}
	return missing, nil
}

// unchecked warns that a name may be wrong, where the server does not want to tell.
func (p *propertyFlag) unchecked(s *session, err error) error {
	refusal, refused := errors.AsType[*cim.Error](err)
	if !refused || refusal.Status == cim.StatusInvalidClass || refusal.Status == cim.StatusInvalidNamespace {
		return withClassHint(err)
	}
	note(s.stderr, fmt.Sprintf("warning: --%s is not checked: %v", p.flag, err))
	return nil
}

// seen yields instances, and warns at the end of a name that none of them had.
func (p *propertyFlag) seen(s *session, list iter.Seq2[*cim.Instance, error]) iter.Seq2[*cim.Instance, error] {
	return func(yield func(*cim.Instance, error) bool) {
		found := make([]bool, len(p.names))
		some := false
		for i, err := range list {
			for n, name := range p.names {
				found[n] = found[n] || i != nil && i.Property(name) != nil
			}
			some = some || i != nil
			if !yield(i, err) || err != nil {
				return
			}
		}
		for n, name := range p.names {
			if some && !found[n] {
				note(s.stderr, fmt.Sprintf("warning: --%s: no instance has a property %s", p.flag, name))
			}
		}
	}
}

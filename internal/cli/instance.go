package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newInstanceCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "instance",
		Short: "Read and change the instances of a CIM server",
	}
	cmd.AddCommand(
		newInstanceNamesCommand(env),
		newInstanceListCommand(env),
		newInstanceGetCommand(env),
		newInstanceCountCommand(env),
		newInstanceCreateCommand(env),
		newInstanceModifyCommand(env),
		newInstanceDeleteCommand(env),
		newInstanceAssociatorsCommand(env),
		newInstanceReferencesCommand(env),
	)
	return cmd
}

// checkClass returns an error of wrong usage when name cannot be that of a class.
func checkClass(name string) error {
	if !isClassName(name) {
		return usage(fmt.Errorf("%q is not the name of a class", printable(name)))
	}
	return nil
}

// withInstanceHint adds what helps when an instance is missing.
func withInstanceHint(err error, class string) error {
	if errors.Is(err, cim.StatusNotFound) {
		return withHint(err, fmt.Sprintf("list the instances with %q", "cimwatch instance names URL "+class))
	}
	return withClassHint(err)
}

// columnsOf returns the columns of CSV: the properties that were asked for or, so that
// nothing needs to be held, those of the class. For other formats it returns what was asked
// for, nil where nothing was.
func columnsOf(ctx context.Context, s *session, format, class string, asked []string) ([]string, error) {
	if asked != nil || format != formatCSV {
		return asked, nil
	}
	declared, err := s.GetClass(ctx, "", class, nil)
	if err != nil {
		return nil, withClassHint(err)
	}
	columns := make([]string, len(declared.Properties))
	for i := range declared.Properties {
		columns[i] = declared.Properties[i].Name
	}
	return columns, nil
}

// hinted yields what list does, its error with what help adds.
func hinted[T any](list iter.Seq2[T, error], help func(error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range list {
			if err != nil {
				err = help(err)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// one yields a single instance.
func one(i *cim.Instance) iter.Seq2[*cim.Instance, error] {
	return func(yield func(*cim.Instance, error) bool) { yield(i, nil) }
}

// changes are what --set and --null say of an instance.
type changes struct {
	set  []assignment
	null []string
}

// read returns what the flags say. Errors are of wrong usage.
func (f *setFlags) read() (changes, error) {
	set, err := parseAssignments("set", f.set)
	if err != nil {
		return changes{}, err
	}
	for _, name := range f.null {
		if findAssignment(set, name) != nil {
			return changes{}, usage(fmt.Errorf("--null %s and --set %s exclude each other", printable(name), printable(name)))
		}
	}
	return changes{set, f.null}, nil
}

// setProperties gives an instance the values of --set and --null, as the class declares them.
func setProperties(i *cim.Instance, class *cim.Class, c changes, objects objectReader) error {
	for n := range c.set {
		p, err := declaredProperty(class, "set", c.set[n].name)
		if err != nil {
			return err
		}
		d := propertyDeclaration(p)
		d.objects = objects
		v, err := d.value(&c.set[n])
		if err != nil {
			return err
		}
		i.Set(p.Name, v)
		if changed := i.Property(p.Name); changed != nil && d.embedded != cim.NotEmbedded {
			changed.Embedded = d.embedded
		}
	}
	for _, name := range c.null {
		p, err := declaredProperty(class, "null", name)
		if err != nil {
			return err
		}
		i.Set(p.Name, nullOf(p.Value))
	}
	return nil
}

func declaredProperty(class *cim.Class, flag, name string) (*cim.Property, error) {
	if p := class.Property(name); p != nil {
		return p, nil
	}
	names := make([]string, len(class.Properties))
	for i := range class.Properties {
		names[i] = class.Properties[i].Name
	}
	return nil, withHint(usage(fmt.Errorf("--%s: %s has no property %q", flag, class.Name, printable(name))),
		"its properties are: "+strings.Join(names, ", "))
}

const setUsage = "`Name=Value` of a property, as its class declares it: a number may be what it means; " +
	"repeat it or write '{A,B}' for an array; @FILE or MOF for an embedded instance"

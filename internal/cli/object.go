package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

// objectHelp says how commands take an instance.
const objectHelp = `OBJECT is the text of an object path in any form, such as
'root/cimv2:OMC_Fan.DeviceID="fan1",...', or the name of a class with --key for its keys, whose
types the class tells. Keys that are left out are found when only one instance has those that
are given; else a list to choose from is shown on a terminal.`

// maxChoices is how many instances a person is let choose from.
const maxChoices = 500

// objectFlags name an instance together with an argument.
type objectFlags struct {
	keys []string
}

func addObjectFlags(cmd *cobra.Command) *objectFlags {
	f := &objectFlags{}
	cmd.Flags().StringArrayVarP(&f.keys, "key", "k", nil, "`Name=Value` of a key of the instance; can be repeated")
	return f
}

// parse reads an argument that names a class or an instance. All errors are of wrong usage.
func (f *objectFlags) parse(arg, namespace string) (cim.ObjectPath, []assignment, error) {
	path, err := cim.ParseObjectPath(arg)
	if err != nil {
		return path, nil, withHint(usage(fmt.Errorf("object %q: %w", printable(arg), err)),
			`write it like 'CIM_Fan.DeviceID="fan1"', or the class alone and --key DeviceID=fan1`)
	}
	keys, err := parseAssignments("key", f.keys)
	if err != nil {
		return path, nil, err
	}
	if path.IsInstance() && len(keys) > 0 {
		return path, nil, usage(errors.New("--key is given with an object path that has keys"))
	}
	// The host is a server's own idea of its name; the URL says where to ask.
	return path.Local().In(namespace), keys, nil
}

// instance returns the path of the instance that an argument and the flags name. It may ask
// the server for the class and its instances, and a person at the terminal which of them.
func (f *objectFlags) instance(ctx context.Context, env *Env, s *session, arg string) (cim.ObjectPath, error) {
	path, keys, err := f.parse(arg, s.namespace)
	if err != nil || path.IsInstance() {
		return path, err
	}
	return findInstance(ctx, env, s, path, keys)
}

// findInstance returns the path of the instance of a class that has the given keys.
func findInstance(ctx context.Context, env *Env, s *session, class cim.ObjectPath, given []assignment) (cim.ObjectPath, error) {
	declared, err := s.GetClass(ctx, class.Namespace, class.Class, &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil {
		return class, withClassHint(err)
	}
	keys, err := typedKeys(declared, given)
	if err != nil {
		return class, err
	}
	names := declared.KeyNames()
	if len(names) > 0 && len(keys) == len(names) {
		return cim.InstancePath(class.Namespace, declared.Name, keys...), nil
	}
	if len(keys) == 0 && env.ReadLine == nil {
		return class, withHint(usage(fmt.Errorf("no keys for the instance of %s", declared.Name)),
			fmt.Sprintf("give --key for one or more of: %s; or an object path that %q lists",
				strings.Join(names, ", "), "cimwatch instance names URL "+declared.Name))
	}
	return matchInstance(ctx, env, s, class, keys)
}

// typedKeys reads the values of keys as a class declares them, in its order.
func typedKeys(class *cim.Class, given []assignment) ([]cim.Key, error) {
	keys := make([]cim.Key, len(given))
	for i := range given {
		p := class.Property(given[i].name)
		if p == nil || !p.IsKey() {
			return nil, withHint(usage(fmt.Errorf("--key: %s has no key %s", class.Name, given[i].name)),
				"its keys are: "+strings.Join(class.KeyNames(), ", "))
		}
		d := propertyDeclaration(p)
		v, err := d.value(&given[i])
		if err != nil {
			return nil, err
		}
		keys[i] = cim.Key{Name: p.Name, Value: v}
	}
	order := class.KeyNames()
	slices.SortFunc(keys, func(a, b cim.Key) int { return slices.Index(order, a.Name) - slices.Index(order, b.Name) })
	return keys, nil
}

// matchInstance returns the one instance of a class that has the given keys, or the one of
// several that a person chooses.
func matchInstance(ctx context.Context, env *Env, s *session, class cim.ObjectPath, keys []cim.Key) (cim.ObjectPath, error) {
	var found []cim.ObjectPath
	for path, err := range s.IterateInstancePaths(ctx, class.Namespace, class.Class, nil) {
		if err != nil {
			return class, withClassHint(err)
		}
		if hasKeys(path, keys) {
			found = append(found, path.Local().In(class.Namespace))
		}
		if len(found) > maxChoices {
			return class, withHint(fmt.Errorf("more than %d instances of %s fit", maxChoices, class.Class), "give more keys with --key")
		}
	}
	switch {
	case len(found) == 0:
		return class, withHint(&cim.Error{Status: cim.StatusNotFound, Description: "no instance of " + class.Class + " has these keys"},
			fmt.Sprintf("list the instances with %q", "cimwatch instance names URL "+class.Class))
	case len(found) == 1 && len(keys) > 0:
		return found[0], nil
	case env.ReadLine == nil:
		return class, withHint(usage(fmt.Errorf("%d instances of %s have these keys", len(found), class.Class)),
			fmt.Sprintf("give more keys with --key; one of them is %s", shellWord(found[0].String())))
	}
	texts := make([]string, len(found))
	for i := range found {
		texts[i] = found[i].String()
	}
	chosen, err := env.choose(ctx, "instance", texts)
	if err != nil {
		return class, err
	}
	return found[chosen], nil
}

// hasKeys reports whether a path has all of keys, as paths compare them.
func hasKeys(path cim.ObjectPath, keys []cim.Key) bool {
	for _, k := range keys {
		v := path.Key(k.Name)
		if v.IsNull() || !cim.InstancePath("", "", cim.Key{Name: k.Name, Value: v}).Equal(cim.InstancePath("", "", k)) {
			return false
		}
	}
	return true
}

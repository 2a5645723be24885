package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// serverCheck is one thing that a CIM server should do. What it finds is told in a few words.
// An error of StatusNotSupported means that the server may well leave it out.
type serverCheck struct {
	name string
	run  func(ctx context.Context, c *serverUnderTest) (found string, err error)
}

// serverUnderTest is a server with what earlier checks found there.
type serverUnderTest struct {
	*session
	class    string // whose instances are read
	interop  string // "" when it was not found
	instance cim.ObjectPath
}

// errNothingThere is the reason not to check what nothing is there for.
var errNothingThere = errors.New("nothing there to check it with")

// serverChecks lists the checks in an order in which later ones use what earlier ones found.
func serverChecks() []serverCheck {
	return []serverCheck{
		{"interop namespace", checkInterop},
		{"namespaces", checkNamespaces},
		{"class names", checkClassNames},
		{"class", checkGetClass},
		{"missing class", checkMissingClass},
		{"missing namespace", checkMissingNamespace},
		{"qualifier", checkQualifier},
		{"instance names", checkInstanceNames},
		{"instances", checkInstances},
		{"instance", checkInstance},
		{"missing instance", checkMissingInstance},
		{"associations", checkAssociations},
		{"pull operations", checkPull},
		{"query", checkQuery},
		{"indications", checkIndications},
	}
}

func checkInterop(ctx context.Context, c *serverUnderTest) (string, error) {
	var err error
	c.interop, err = c.InteropNamespace(ctx)
	return c.interop, err
}

func checkNamespaces(ctx context.Context, c *serverUnderTest) (string, error) {
	names, err := c.Namespaces(ctx)
	return count(len(names), "namespace"), err
}

func checkClassNames(ctx context.Context, c *serverUnderTest) (string, error) {
	names, err := c.EnumerateClassNames(ctx, "", "", true)
	return fmt.Sprintf("%s in %s", plural(len(names), "class", "classes"), c.namespace), err
}

func plural(n int, one, more string) string {
	if n == 1 {
		more = one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func checkGetClass(ctx context.Context, c *serverUnderTest) (string, error) {
	class, err := c.GetClass(ctx, "", c.class, &cim.ReadOptions{IncludeQualifiers: true, IncludeClassOrigin: true})
	if err != nil {
		return "", err
	}
	if len(class.KeyNames()) == 0 {
		return "", fmt.Errorf("%s has no keys: qualifiers are missing", class.Name)
	}
	return fmt.Sprintf("%s has %s", class.Name, plural(len(class.Properties), "property", "properties")), nil
}

func checkMissingClass(ctx context.Context, c *serverUnderTest) (string, error) {
	_, err := c.GetClass(ctx, "", "CIMWATCH_NoSuchClass", nil)
	return refused(err, cim.StatusNotFound, cim.StatusInvalidClass)
}

func checkMissingNamespace(ctx context.Context, c *serverUnderTest) (string, error) {
	_, err := c.GetClass(ctx, "root/cimwatch/nowhere", c.class, nil)
	return refused(err, cim.StatusInvalidNamespace)
}

// refused makes one of the statuses what should come.
func refused(err error, statuses ...cim.Status) (string, error) {
	for _, status := range statuses {
		if errors.Is(err, status) {
			return "refused: " + status.String(), nil
		}
	}
	if err == nil {
		return "", fmt.Errorf("no error, expected %s", statuses[0].String())
	}
	return "", err
}

func checkQualifier(ctx context.Context, c *serverUnderTest) (string, error) {
	q, err := c.GetQualifier(ctx, "", "Key")
	if err != nil {
		return "", err
	}
	if q.Default.Type() != cim.TypeBoolean {
		return "", fmt.Errorf("qualifier Key is a %s", q.Default.Type())
	}
	return "Key is declared", nil
}

func checkInstanceNames(ctx context.Context, c *serverUnderTest) (string, error) {
	n := 0
	for path, err := range c.EnumerateInstanceNames(ctx, "", c.class) {
		if err != nil {
			return "", err
		}
		if n++; n == 1 {
			c.instance = path.Local().In(c.namespace)
		}
	}
	return fmt.Sprintf("%s of %s", count(n, "instance"), c.class), nil
}

func checkInstances(ctx context.Context, c *serverUnderTest) (string, error) {
	n, err := tally(c.EnumerateInstances(ctx, "", c.class, nil))
	return fmt.Sprintf("%s of %s", count(n, "instance"), c.class), err
}

// tally counts what a sequence yields before it ends or fails.
func tally[T any](list iter.Seq2[T, error]) (n int, err error) {
	for _, err := range list {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func checkInstance(ctx context.Context, c *serverUnderTest) (string, error) {
	if c.instance.IsZero() {
		return "", errNothingThere
	}
	i, err := c.GetInstance(ctx, c.instance, nil)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s has %s", i.Class, plural(len(i.Properties), "property", "properties")), nil
}

func checkMissingInstance(ctx context.Context, c *serverUnderTest) (string, error) {
	if c.instance.IsZero() {
		return "", errNothingThere
	}
	missing := c.instance
	missing.Keys = append([]cim.Key{}, missing.Keys...)
	for i, k := range missing.Keys {
		if _, ok := k.Value.Text(); ok {
			missing.Keys[i].Value = cim.String("cimwatch: no such key")
		}
	}
	_, err := c.GetInstance(ctx, missing, nil)
	return refused(err, cim.StatusNotFound)
}

func checkAssociations(ctx context.Context, c *serverUnderTest) (string, error) {
	if c.instance.IsZero() {
		return "", errNothingThere
	}
	n, err := tally(c.AssociatorNames(ctx, c.instance, nil))
	return fmt.Sprintf("%s associated with the first %s", plural(n, "instance is", "instances are"), c.class), err
}

func checkPull(ctx context.Context, c *serverUnderTest) (string, error) {
	first, e, err := c.OpenEnumerateInstances(ctx, "", c.class, &cimxml.OpenOptions{MaxObjects: 1})
	switch {
	case err != nil:
		return "", err
	case e.End && len(first) > 1:
		return "", cim.Errorf(cim.StatusNotSupported, "all %d instances at once", len(first))
	case e.End:
		return count(len(first), "instance"), nil
	}
	if _, e, err = c.PullInstancesWithPath(ctx, e, 1); err != nil {
		return "", err
	}
	if !e.End {
		err = c.CloseEnumeration(ctx, e)
	}
	return "opened, pulled, closed", err
}

func checkQuery(ctx context.Context, c *serverUnderTest) (string, error) {
	n, err := tally(c.ExecQuery(ctx, "", "WQL", "SELECT * FROM "+c.class))
	if errors.Is(err, cim.StatusQueryLanguageNotSupported) {
		return "", cim.Errorf(cim.StatusNotSupported, "WQL is not known")
	}
	return fmt.Sprintf("%s by WQL", count(n, "instance")), err
}

func checkIndications(ctx context.Context, c *serverUnderTest) (string, error) {
	if c.interop == "" {
		return "", errNothingThere
	}
	n, err := tally(c.EnumerateInstanceNames(ctx, c.interop, "CIM_IndicationSubscription"))
	return count(n, "subscription"), err
}

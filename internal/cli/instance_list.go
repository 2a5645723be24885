package cli

import (
	"cmp"
	"errors"
	"iter"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func newInstanceListCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list URL CLASS",
		Short: "List the instances of a class",
		Long: `List the instances of CLASS and the classes below it as they arrive: in pieces where the server
has pull operations, else all at once.

Text leaves out properties without a value. A table has the properties that any instance has a
value of; CSV has those that CLASS has. --property chooses others, and their order.

In CSV a field with nothing in it is NULL, and one of two quotes the empty text; in a table that is
a dash and two quotes. Arrays look as --set takes them: {a, NULL, "b, c"}.`,
		Example: `  cimwatch instance list https://esx1 CIM_Fan -u root
  cimwatch instance list https://esx1 CIM_NumericSensor -u root --property ElementName,CurrentReading -o table
  cimwatch instance list http://array:5988 CIM_DiskDrive --filter 'OperationalStatus[0] <> 2' -o json`,
		Args: arguments("URL", "CLASS"),
	}
	connection := addConnectionFlags(cmd)
	properties := addPropertyFlag(cmd)
	filter := addFilterFlags(cmd)
	shallow := cmd.Flags().Bool("shallow", false, "leave out the properties that CLASS does not have")
	output := addInstanceOutput(cmd, formatText)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := cmp.Or(checkClass(args[1]), filter.check(), properties.check()); err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		class := cim.ObjectPath{Namespace: s.namespace, Class: args[1]}
		if err := properties.declaredBy(cmd.Context(), s, class, !*shallow); err != nil {
			return err
		}
		columns, err := columnsOf(cmd.Context(), s, output.format, args[1], properties.names)
		if err != nil {
			return err
		}
		o := filter.options()
		o.Properties, o.Shallow = properties.names, *shallow
		list := hinted(s.IterateInstances(cmd.Context(), "", args[1], o), filter.hint)
		return env.printInstances(instanceOutput{outputFlag: output, columns: columns}, inNamespace(list, s.namespace))
	}
	return cmd
}

// inNamespace yields instances with the namespace where their paths have none.
func inNamespace(list iter.Seq2[*cim.Instance, error], namespace string) iter.Seq2[*cim.Instance, error] {
	return func(yield func(*cim.Instance, error) bool) {
		for i, err := range list {
			if i != nil && !i.Path.IsZero() {
				i.Path = i.Path.In(namespace)
			}
			if !yield(i, err) {
				return
			}
		}
	}
}

// filterFlags let the server leave out instances.
type filterFlags struct {
	filter   string
	language string
}

func addFilterFlags(cmd *cobra.Command) *filterFlags {
	f := &filterFlags{}
	cmd.Flags().StringVar(&f.filter, "filter", "", "`condition` on the instances, for servers with pull operations")
	cmd.Flags().StringVar(&f.language, "filter-language", "DMTF:FQL", "`language` of the filter")
	return f
}

func (f *filterFlags) check() error {
	if f.filter != "" && f.language == "" {
		return usage(errors.New("--filter-language: no language"))
	}
	return nil
}

func (f *filterFlags) options() *cimxml.OpenOptions {
	o := &cimxml.OpenOptions{Filter: f.filter}
	if f.filter != "" {
		o.FilterLanguage = f.language
	}
	return o
}

func (f *filterFlags) hint(err error) error {
	if f.filter != "" && errors.Is(err, cim.StatusQueryLanguageNotSupported) {
		return withHint(err, "choose another --filter-language, such as DMTF:FQL; or leave out --filter")
	}
	if f.filter != "" && errors.Is(err, cim.StatusInvalidQuery) {
		return withHint(err, "--filter is a condition in the language of --filter-language, such as: HealthState <> 5")
	}
	if f.filter != "" && (errors.Is(err, cim.StatusNotSupported) || errors.Is(err, cim.StatusFilteredEnumNotSupported)) {
		return withHint(err, `this server filters no enumerations; try "cimwatch query", or leave out --filter`)
	}
	return withClassHint(err)
}

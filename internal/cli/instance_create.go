package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// setFlags are the properties that create and modify set.
type setFlags struct {
	set  []string
	null []string
}

func addSetFlags(cmd *cobra.Command) *setFlags {
	f := &setFlags{}
	cmd.Flags().StringArrayVarP(&f.set, "set", "s", nil, setUsage)
	cmd.Flags().StringSliceVar(&f.null, "null", nil, "`name` of a property to set to NULL; can be repeated")
	return f
}

func newInstanceCreateCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create URL CLASS --set NAME=VALUE...",
		Short: "Create an instance",
		Long: `Create an instance of CLASS with the properties that --set gives, and print its object path.
Their types are those that the class declares.

` + valueHelp,
		Example: `  cimwatch instance create http://array:5988 CIM_IndicationFilter -n root/interop \
    --set Name=mine --set Query='SELECT * FROM CIM_AlertIndication' --set QueryLanguage=WQL`,
		Args: arguments("URL", "CLASS"),
	}
	connection := addConnectionFlags(cmd)
	values := addSetFlags(cmd)
	output := addOutputFlag(cmd, formatText, formatJSON, formatXML)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkClass(args[1]); err != nil {
			return err
		}
		given, err := values.read()
		if err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		path, err := createInstance(cmd.Context(), s, args[1], given)
		if err != nil {
			return err
		}
		return env.print(output, createdInstance{newPathView(path), path})
	}
	return cmd
}

func createInstance(ctx context.Context, s *session, class string, given changes) (cim.ObjectPath, error) {
	declared, err := s.GetClass(ctx, "", class, &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil {
		return cim.ObjectPath{}, withClassHint(err)
	}
	i := cim.NewInstance(declared.Name)
	if err := setProperties(i, declared, given, s.objects(ctx, s.namespace)); err != nil {
		return cim.ObjectPath{}, err
	}
	path, err := s.CreateInstance(ctx, "", i)
	return path.Local().In(s.namespace), withClassHint(err)
}

// createdInstance is the object path that create prints.
type createdInstance struct {
	pathView
	object cim.ObjectPath
}

// WriteText writes the path.
func (c createdInstance) WriteText(w io.Writer, _ bool) error {
	_, err := io.WriteString(w, printable(c.Path)+"\n")
	return err
}

// WriteXML writes the path as DSP0201 has it.
func (c createdInstance) WriteXML(w io.Writer) error { return cimxml.WriteXML(w, c.object) }

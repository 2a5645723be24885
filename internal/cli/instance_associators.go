package cli

import (
	"context"
	"iter"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func newInstanceAssociatorsCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "associators URL OBJECT",
		Short: "List the instances associated with an instance",
		Long: `List the instances that associations connect with an instance, or their object paths.

` + objectHelp,
		Example: `  cimwatch instance associators https://esx1 OMC_UnitaryComputerSystem -k Name=esx1 -u root --names
  cimwatch instance associators https://esx1 OMC_Fan -k DeviceID=fan1 --assoc-class CIM_AssociatedSensor`,
		Args: arguments("URL", "OBJECT"),
	}
	connection := addConnectionFlags(cmd)
	o := addAssociationFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.AssocClass, "assoc-class", "", "`class` of the associations, or one above it")
	flags.StringVar(&o.ResultClass, "result-class", "", "`class` of the instances, or one above it")
	flags.StringVar(&o.Role, "role", "", "`property` of the association that refers to OBJECT")
	flags.StringVar(&o.ResultRole, "result-role", "", "`property` of the association that refers to the result")
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return o.run(cmd.Context(), env, connection, args)
	}
	o.paths, o.instances = (*cimxml.Client).IterateAssociatorPaths, (*cimxml.Client).IterateAssociators
	return cmd
}

// associationOptions are what associators and references have in common.
type associationOptions struct {
	cimxml.OpenOptions
	object     *objectFlags
	output     *outputFlag
	properties *propertyFlag
	names      bool

	paths     func(*cimxml.Client, context.Context, cim.ObjectPath, *cimxml.OpenOptions) iter.Seq2[cim.ObjectPath, error]
	instances func(*cimxml.Client, context.Context, cim.ObjectPath, *cimxml.OpenOptions) iter.Seq2[*cim.Instance, error]
}

func addAssociationFlags(cmd *cobra.Command) *associationOptions {
	o := &associationOptions{object: addObjectFlags(cmd)}
	cmd.Flags().BoolVar(&o.names, "names", false, "list object paths only, as text or JSON")
	o.properties = addPropertyFlag(cmd)
	o.output = addInstanceOutput(cmd, formatText)
	cmd.MarkFlagsMutuallyExclusive("names", "property")
	return o
}

func (o *associationOptions) run(ctx context.Context, env *Env, connection *connectionFlags, args []string) error {
	if o.names {
		if err := o.output.only(formatText, formatJSON); err != nil {
			return err
		}
	}
	if err := o.properties.check(); err != nil {
		return err
	}
	o.Properties = o.properties.names
	s, err := connection.client(ctx, env, args[0])
	if err != nil {
		return err
	}
	defer s.Close()
	path, err := o.object.instance(ctx, env, s, args[1])
	if err != nil {
		return err
	}
	help := func(err error) error { return withInstanceHint(err, path.Class) }
	if o.names {
		return env.printPaths(o.output, path.Namespace, hinted(o.paths(s.Client, ctx, path, &o.OpenOptions), help))
	}
	list := inNamespace(hinted(o.instances(s.Client, ctx, path, &o.OpenOptions), help), path.Namespace)
	return env.printInstances(instanceOutput{outputFlag: o.output, columns: o.Properties}, o.properties.seen(s, list))
}

package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newInstanceModifyCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "modify URL OBJECT --set NAME=VALUE...",
		Short: "Change properties of an instance",
		Long: `Change the properties of an instance that --set and --null name. The instance is read and sent
back whole: servers erase what is not sent (seen: sfcb).

` + valueHelp + "\n\n" + objectHelp,
		Example: `  cimwatch instance modify http://array:5988 CIM_ComputerSystem -k Name=array --set ElementName='Array 7'`,
		Args:    arguments("URL", "OBJECT"),
	}
	connection := addConnectionFlags(cmd)
	object := addObjectFlags(cmd)
	values := addSetFlags(cmd)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		given, err := values.read()
		if err != nil {
			return err
		}
		if len(given.set)+len(given.null) == 0 {
			return withHint(usage(errors.New("nothing to change")), "give --set Name=Value or --null Name")
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		path, err := object.instance(cmd.Context(), env, s, args[1])
		if err != nil {
			return err
		}
		return modifyInstance(cmd.Context(), s, path, given)
	}
	return cmd
}

func modifyInstance(ctx context.Context, s *session, path cim.ObjectPath, given changes) error {
	class, err := s.GetClass(ctx, path.Namespace, path.Class, &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil {
		return withClassHint(err)
	}
	i, err := s.GetInstance(ctx, path, nil)
	if err != nil {
		return withInstanceHint(err, path.Class)
	}
	i.Path = path
	if err := setProperties(i, class, given, s.objects(ctx, path.Namespace)); err != nil {
		return err
	}
	return withInstanceHint(s.ModifyInstance(ctx, i, nil), path.Class)
}

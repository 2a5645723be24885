package cli

import (
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newInstanceGetCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get URL OBJECT",
		Short: "Show an instance",
		Long:  "Show an instance with its properties.\n\n" + objectHelp,
		Example: `  cimwatch instance get https://esx1 OMC_Fan -k DeviceID=fan1 -u root
  cimwatch instance get https://esx1 'OMC_Chassis.CreationClassName="OMC_Chassis",Tag="23.0"' -o json`,
		Args: arguments("URL", "OBJECT"),
	}
	connection := addConnectionFlags(cmd)
	object := addObjectFlags(cmd)
	properties := addPropertyFlag(cmd)
	output := addInstanceOutput(cmd, formatMOF)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := properties.check(); err != nil {
			return err
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
		if err := properties.declaredBy(cmd.Context(), s, path, false); err != nil {
			return err
		}
		i, err := s.GetInstance(cmd.Context(), path, &cim.ReadOptions{Properties: properties.names})
		if err != nil {
			return withInstanceHint(err, path.Class)
		}
		i.Path = path
		return env.printInstances(instanceOutput{outputFlag: output, columns: properties.names, single: true}, one(i))
	}
	return cmd
}

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
	connection.complete(cmd, env, completeClasses)
	object := addObjectFlags(cmd)
	properties := addPropertyFlag(cmd)
	output := addInstanceOutput(cmd, formatMOF)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		path, err := object.instance(cmd.Context(), env, s, args[1])
		if err != nil {
			return err
		}
		i, err := s.GetInstance(cmd.Context(), path, &cim.ReadOptions{Properties: *properties})
		if err != nil {
			return withInstanceHint(err, path.Class)
		}
		i.Path = path
		return env.printInstances(instanceOutput{outputFlag: output, columns: *properties, single: true}, one(i))
	}
	return cmd
}

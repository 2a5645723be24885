package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newQualifierGetCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "get URL NAME",
		Short:   "Show the declaration of a qualifier",
		Example: `  cimwatch qualifier get https://esx1 ValueMap -u root`,
		Args:    arguments("URL", "NAME"),
	}
	connection := addConnectionFlags(cmd)
	output := addOutputFlag(cmd, formatMOF, formatJSON)
	connection.complete(cmd, env, completeQualifiers)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !isClassName(args[1]) { // all names are formed alike
			return usage(fmt.Errorf("%q is not the name of a qualifier", printable(args[1])))
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		q, err := s.GetQualifier(cmd.Context(), "", args[1])
		if errors.Is(err, cim.StatusNotFound) {
			return withHint(err, `list the qualifiers with "cimwatch qualifier list URL"`)
		}
		if err != nil {
			return err
		}
		return env.print(output, newQualifierView(q))
	}
	return cmd
}

// completeQualifiers asks for the names of all qualifiers.
func completeQualifiers(ctx context.Context, s *session, _ []string) []string {
	var names []string
	for q, err := range s.EnumerateQualifiers(ctx, "") {
		if err != nil {
			return nil
		}
		names = append(names, q.Name)
	}
	return names
}

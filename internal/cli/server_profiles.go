package cli

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"
)

func newServerProfilesCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profiles URL",
		Short: "List the management profiles that a CIM server implements",
		Long: `List the profiles that are registered on a CIM server, such as those of the DMTF and the SNIA.
--central also asks for the central instances of each: the objects that implement it.`,
		Example: `  cimwatch server profiles http://array:5988
  cimwatch server profiles http://array:5988 --central -o json`,
		Args: arguments("URL"),
	}
	connection := addServerFlags(cmd)
	central := cmd.Flags().Bool("central", false, "ask for the central instances of each profile")
	output := addOutputFlag(cmd, formatTable, formatJSON)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		list, err := listProfiles(cmd.Context(), s, *central)
		if err != nil {
			return err
		}
		return env.print(output, list)
	}
	return cmd
}

// profileList is what server profiles prints.
type profileList struct {
	Profiles []profileView `json:"profiles"`
}

type profileView struct {
	Organization string   `json:"organization"`
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Path         string   `json:"path"`
	Central      []string `json:"central"` // object paths; null when they were not asked for
}

func listProfiles(ctx context.Context, s *session, central bool) (profileList, error) {
	profiles, err := s.Profiles(ctx)
	list := profileList{Profiles: make([]profileView, len(profiles))}
	if err != nil {
		return list, err
	}
	for i, p := range profiles {
		list.Profiles[i] = profileView{
			Organization: p.Organization, Name: p.Name, Version: p.Version, Path: p.Path.Local().String(),
		}
		if !central {
			continue
		}
		paths, err := s.CentralInstances(ctx, p.Path, nil)
		if err != nil {
			return list, err
		}
		list.Profiles[i].Central = pathTexts(paths)
	}
	return list, nil
}

// WriteText writes a table.
func (l profileList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Profiles))
	for i, p := range l.Profiles {
		central := "-"
		switch {
		case len(p.Central) == 1:
			central = p.Central[0]
		case p.Central != nil:
			central = strconv.Itoa(len(p.Central))
		}
		rows[i] = []cell{known(p.Organization), known(p.Name), known(p.Version), {text: central}}
	}
	return writeTable(w, color, []string{"ORGANIZATION", "PROFILE", "VERSION", "CENTRAL"}, rows)
}

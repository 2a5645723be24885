package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func newServerInfoCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "info URL",
		Short:   "Show what a CIM server says of itself",
		Long:    "Show the make and version of a CIM server, its interop namespace and its other namespaces.",
		Example: `  cimwatch server info https://esx1 -u root`,
		Args:    arguments("URL"),
	}
	connection := addServerFlags(cmd)
	output := addOutputFlag(cmd, formatText, formatJSON)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		info, err := s.ServerInfo(cmd.Context())
		if err != nil {
			return err
		}
		namespaces, err := s.Namespaces(cmd.Context())
		if err != nil {
			return err
		}
		return env.print(output, serverInfo{
			URL: s.URL(), Brand: info.Brand, Version: info.Version, Interop: info.Interop, Namespaces: namespaces,
		})
	}
	return cmd
}

// serverInfo is what server info prints.
type serverInfo struct {
	URL        string   `json:"url"`
	Brand      string   `json:"brand"`   // "" when the server does not say
	Version    string   `json:"version"` // "" when the server does not say
	Interop    string   `json:"interop"`
	Namespaces []string `json:"namespaces"`
}

// WriteText writes a line for each.
func (i serverInfo) WriteText(w io.Writer, _ bool) error {
	server := cmp.Or(strings.TrimSpace(i.Brand+" "+i.Version), "does not say")
	_, err := fmt.Fprintf(w, "Server      %s\nURL         %s\nInterop     %s\nNamespaces  %s\n",
		printable(server), printable(i.URL), printable(i.Interop), printable(strings.Join(i.Namespaces, ", ")))
	return err
}

package cli

import (
	"cmp"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/subscriber"
)

func newUnsubscribeCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unsubscribe URL",
		Short: "Remove the subscriptions that subscribe made",
		Long: `Remove from a CIM server all subscriptions, filters and handlers that subscribe made with the
same --name, in the order that servers want. What is already gone is no error.`,
		Example: `  cimwatch unsubscribe https://esx1 -u root
  cimwatch unsubscribe https://esx1 -u root --name lab`,
		Args: arguments("URL"),
	}
	connection := addServerFlags(cmd)
	var name string
	addNameFlag(cmd, &name)
	output := addOutputFlag(cmd, formatText, formatJSON)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := (subscriber.Declaration{Name: name}).Validate(); err != nil {
			return usage(err)
		}
		client, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer client.Close()
		s := subscriber.New(client, &subscriber.Options{Progress: env.progress})
		report, err := s.Remove(cmd.Context(), name)
		if err != nil && len(report.Removed) == 0 {
			return err
		}
		return cmp.Or(env.print(output, unsubscribed{name, report.Interop, pathTexts(report.Removed)}), err)
	}
	return cmd
}

// unsubscribed is what unsubscribe did.
type unsubscribed struct {
	Name    string   `json:"name"`
	Interop string   `json:"interop"` // the interop namespace
	Removed []string `json:"removed"` // object paths of subscriptions, filters and handlers
}

// WriteText writes one line.
func (u unsubscribed) WriteText(w io.Writer, _ bool) error {
	_, err := fmt.Fprintf(w, "%s removed in %s, as %s\n",
		count(len(u.Removed), "object"), printable(u.Interop), u.Name)
	return err
}

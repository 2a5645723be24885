package cli

import (
	"cmp"
	"errors"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/subscriber"
)

func newSubscriptionsCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "subscriptions {URL | --address URL}",
		Short: "List the subscriptions on a CIM server, or those of a daemon's hosts",
		Long: `List all subscriptions on a CIM server, whoever made them, and mark those that subscribe made
with the same --name. The owner of what cimwatch did not make is not known.

With --address it asks a running daemon how the subscriptions of each of its hosts stand: how many
there are of those that there should be, since when, why not, and when the daemon looks next; and which classes and properties of the configuration's
components no host has.`,
		Example: `  cimwatch subscriptions https://esx1 -u root
  cimwatch subscriptions https://esx1 -u root -o json
  cimwatch subscriptions --address http://127.0.0.1:9720`,
		Args: arguments("[URL]"),
	}
	connection := addServerFlags(cmd)
	connection.complete(cmd, env)
	var name string
	addNameFlag(cmd, &name)
	output := addOutputFlag(cmd, formatTable, formatJSON)
	from := addDaemonFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := errors.Join(from.check(), from.refuse(connection)); err != nil {
			return err
		}
		switch {
		case from.address != "" && len(args) > 0:
			return usage(errors.New("a URL and --address exclude each other"))
		case from.address != "":
			return listStandings(cmd.Context(), env, output, from)
		case len(args) == 0:
			return withHint(usage(errors.New("missing argument URL")), "give the URL of a CIM server, or --address URL of a running daemon")
		}
		client, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer client.Close()
		list, err := subscriber.New(client, nil).List(cmd.Context())
		if err != nil {
			return err
		}
		return env.print(output, newSubscriptionList(list, name))
	}
	return cmd
}

// subscriptionList is what subscriptions prints.
type subscriptionList struct {
	Subscriptions []subscriptionView `json:"subscriptions"`
}

// subscriptionView is a subscription as it stands on a server.
type subscriptionView struct {
	Ours             bool     `json:"ours"`  // made under the name that was asked for
	Owner            string   `json:"owner"` // the name it was made under, "" when cimwatch did not make it
	State            string   `json:"state"`
	Query            string   `json:"query"` // "" when the filter is gone
	Language         string   `json:"language"`
	SourceNamespaces []string `json:"source_namespaces"`
	Destination      string   `json:"destination"` // URL of the listener, "" when the handler is gone
	Filter           string   `json:"filter"`      // Name of the filter
	Handler          string   `json:"handler"`     // Name of the handler
	Path             string   `json:"path"`
}

func newSubscriptionList(list []subscriber.Subscription, name string) subscriptionList {
	l := subscriptionList{Subscriptions: make([]subscriptionView, len(list))}
	for i, s := range list {
		l.Subscriptions[i] = subscriptionView{
			Ours: s.Owner != "" && s.Owner == name, Owner: s.Owner, State: s.State.String(),
			Query: s.Query, Language: s.Language, SourceNamespaces: append([]string{}, s.SourceNamespaces...),
			Destination: s.Destination, Filter: s.FilterName, Handler: s.HandlerName, Path: s.Path.String(),
		}
	}
	return l
}

// WriteText writes a table. A dash stands for what is not known.
func (l subscriptionList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Subscriptions))
	for i, s := range l.Subscriptions {
		ours := cell{text: "-"}
		if s.Ours {
			ours = cell{text: "*", color: text.FgGreen}
		}
		state := cell{text: s.State}
		if s.State != subscriber.StateEnabled.String() {
			state.color = text.FgYellow
		}
		rows[i] = []cell{
			ours, known(s.Owner), state, known(s.Query), known(s.Language),
			known(strings.Join(s.SourceNamespaces, ",")), known(s.Destination),
		}
	}
	header := []string{"OURS", "OWNER", "STATE", "QUERY", "LANGUAGE", "NAMESPACES", "DESTINATION"}
	return writeTable(w, color, header, rows)
}

func known(text string) cell { return cell{text: cmp.Or(text, "-")} }

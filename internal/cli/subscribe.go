package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/subscriber"
)

// defaultName is the identity of subscriptions that were given none. It is not that of
// serve: what is tried by hand must not take away what a daemon subscribed to.
const defaultName = "cli"

// subscribeOptions are the flags of subscribe.
type subscribeOptions struct {
	connection *connectionFlags // its namespace is the source namespace
	listener   string
	classes    []string
	queries    []string
	language   string
	name       string
	test       bool
}

func newSubscribeCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "subscribe URL --listener URL {--class NAME | --query QUERY}",
		Short: "Make a CIM server send its indications to a listener",
		Long: `Create filters, a handler and subscriptions on a CIM server, so that it sends its indications
to a listener. The interop namespace, which they belong into, is found.

What is there already is kept, so running it again changes nothing. What an earlier run with
the same --name made and this one does not ask for is removed; other names, such as that of
serve, are left alone. Several people who subscribe one server by hand take a --name each.

The listener's URL is taken as it is. All subscriptions share the one handler for it, and
nothing in an indication tells which of them let it through: an event that two of them ask
for arrives twice.

With --test the server is asked for a test indication afterwards. Few servers offer one; whether it
arrives is for the listener to see.`,
		Example: `  cimwatch subscribe https://esx1 -u root --listener http://192.0.2.1:5990 --class CIM_AlertIndication
  cimwatch subscribe http://array:5988 --listener http://192.0.2.1:5990/array \
    --query 'SELECT * FROM CIM_InstModification WHERE SourceInstance ISA CIM_DiskDrive' --language DMTF:CQL`,
		Args: arguments("URL"),
	}
	o := subscribeOptions{connection: addServerFlags(cmd)}
	flags := cmd.Flags()
	flags.StringVar(&o.listener, "listener", "", "`URL` of the listener as the CIM server reaches it, http://HOST:PORT/PATH")
	flags.StringSliceVar(&o.classes, "class", nil, "`name` of a class of indications, all of which are sent; can be repeated")
	flags.StringArrayVar(&o.queries, "query", nil, "`query` that chooses the indications; can be repeated")
	flags.StringVar(&o.language, "language", "WQL", "of the queries: WQL, CIM:CQL or DMTF:CQL")
	flags.StringVarP(&o.connection.namespace, "namespace", "n", o.connection.namespace, "namespace that the indications come from")
	flags.BoolVar(&o.test, "test", false, "ask for a test indication, where the server offers one")
	addNameFlag(cmd, &o.name)
	output := addOutputFlag(cmd, formatText, formatJSON)
	o.connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return runSubscribe(cmd, env, output, args[0], &o)
	}
	return cmd
}

// addNameFlag adds --name, the identity of subscriptions.
func addNameFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "name", defaultName,
		"`identity` of the subscriptions, so that installations do not touch each other's")
}

func runSubscribe(cmd *cobra.Command, env *Env, output *outputFlag, server string, o *subscribeOptions) error {
	url, err := o.connection.resolve(env, server) // which may tell the namespace
	if err != nil {
		return err
	}
	declaration, err := o.declaration()
	if err != nil {
		return err
	}
	client, err := o.connection.client(cmd.Context(), env, url)
	if err != nil {
		return err
	}
	defer client.Close()
	s := subscriber.New(client, &subscriber.Options{Progress: env.progress})
	report, err := s.Reconcile(cmd.Context(), declaration)
	if errors.Is(err, cim.StatusNotSupported) || errors.Is(err, cim.StatusInvalidClass) {
		err = withHint(err, fmt.Sprintf("does %s have the class, and a provider that sends it? "+
			`"cimwatch class leaves URL -n NAMESPACE" lists what there is`, o.connection.namespace))
	}
	if err != nil && len(report.Kept)+len(report.Created)+len(report.Removed) == 0 {
		return err
	}
	done := newSubscribed(o.name, &report)
	if o.test && err == nil {
		var sent int
		sent, err = s.Test(cmd.Context(), o.name)
		done.Tests = &sent
	}
	return cmp.Or(env.print(output, done), err)
}

// progress shows a step of the subscriber.
func (e *Env) progress(step subscriber.Step) {
	text := step.Action
	if step.Object != "" {
		text += ": " + step.Object
	}
	note(e.Stderr, text)
}

// declaration returns what the flags ask for. All errors are of wrong usage.
func (o *subscribeOptions) declaration() (subscriber.Declaration, error) {
	d := subscriber.Declaration{Name: o.name}
	if o.listener == "" {
		return d, withHint(usage(errors.New("no listener")),
			`give --listener http://HOST:PORT as the CIM server reaches this machine; "cimwatch listen" shows the port`)
	}
	u, err := parseHTTPURL(o.listener)
	if err != nil {
		return d, withHint(fmt.Errorf("--listener: %w", err), "write it like http://HOST:PORT/PATH, without a user and a password")
	}
	queries, err := o.allQueries()
	if err != nil {
		return d, err
	}
	for _, query := range queries {
		d.Filters = append(d.Filters, subscriber.Filter{
			Query: query, Language: o.language, SourceNamespaces: []string{o.connection.namespace}, Destination: u.String(),
		})
	}
	if err := d.Validate(); err != nil {
		return d, usage(err)
	}
	return d, nil
}

func (o *subscribeOptions) allQueries() ([]string, error) {
	queries := o.queries
	for _, class := range o.classes {
		if !isClassName(class) {
			return nil, withHint(usage(fmt.Errorf("--class: %q is not the name of a class", class)),
				"a query goes into --query")
		}
		queries = append(queries, "SELECT * FROM "+class)
	}
	if len(queries) == 0 {
		return nil, withHint(usage(errors.New("nothing to subscribe to")),
			`add --class CIM_AlertIndication, or another class that "cimwatch class leaves URL" lists`)
	}
	return queries, nil
}

// subscribed is what subscribe did.
type subscribed struct {
	Name    string   `json:"name"`
	Interop string   `json:"interop"` // the interop namespace
	Kept    []string `json:"kept"`    // object paths of subscriptions
	Created []string `json:"created"`
	Removed []string `json:"removed"`         // of subscriptions, filters and handlers
	Tests   *int     `json:"tests,omitempty"` // test indications that were asked for; nil when none was to be
}

func newSubscribed(name string, r *subscriber.Report) subscribed {
	return subscribed{
		Name: name, Interop: r.Interop,
		Kept: pathTexts(r.Kept), Created: pathTexts(r.Created), Removed: pathTexts(r.Removed),
	}
}

func pathTexts(paths []cim.ObjectPath) []string {
	texts := make([]string, len(paths))
	for i, p := range paths {
		texts[i] = p.String()
	}
	return texts
}

// WriteText writes one line.
func (s subscribed) WriteText(w io.Writer, _ bool) error {
	parts := []string{
		fmt.Sprintf("%s created", count(len(s.Created), "subscription")),
		fmt.Sprintf("%d kept", len(s.Kept)),
	}
	if len(s.Removed) > 0 {
		parts = append(parts, fmt.Sprintf("%s removed", count(len(s.Removed), "old object")))
	}
	text := fmt.Sprintf("%s in %s, as %s\n", strings.Join(parts, ", "), printable(s.Interop), s.Name)
	switch {
	case s.Tests == nil:
	case *s.Tests == 0:
		text += "The server offers no test indication\n"
	default:
		text += "Asked for " + count(*s.Tests, "test indication") + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// count returns a number and what it counts, in the plural where it is not one.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

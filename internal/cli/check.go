package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/internal/check"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

func newCheckCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [URL]",
		Short: "Check the hardware of a host, as a plugin of Nagios, Icinga, Zabbix or Checkmk",
		Long: `check reads the hardware of a host and says how it is, in the form and with the exit codes of the
monitoring plugin guidelines: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. The first line is the state,
the worst trouble, what the host is, and readings of sensors as performance data; each component
in trouble has a line after it.

A component is as bad as the worst that it says of itself: HealthState, every OperationalStatus,
ExtentStatus. What is absent, disabled or silent is no trouble. A class that cannot be read in time
costs one UNKNOWN line and holds up no other. Of a host it reads a fixed list of classes, which
docs/check.md names; a daemon finds out which ones there are.

With --db or --address it reads what a daemon knows, alerts included, with no connection to the
host; the argument is the host's name then.

It takes the options of check_esxi_hardware, but for a password as an argument, which all users of
the machine could see. docs/check.md has the differences and configurations for monitoring systems.`,
		Example: `  cimwatch check https://esx1 -u root --password-file /etc/icinga2/esx.password
  cimwatch check @esx1 --ignore "IPMI SEL" --no-storage
  cimwatch check -H esx1 -U root -P file:/etc/nagios/esx.password -V dell -p -i "Drive,Disk" -r
  cimwatch check @esx1 --warning "System Board 1 Inlet Temp=10:28" --critical "System Board 1 Inlet Temp=5:35"
  cimwatch check esx1 --address http://127.0.0.1:9720 -o json`,
		Args:        arguments("[URL]"),
		Annotations: map[string]string{pluginAnnotation: "yes"},
	}
	o := addCheckFlags(cmd)
	o.connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args) }
	return cmd
}

// run checks, prints the outcome and returns its state.
func (o *checkOptions) run(ctx context.Context, env *Env, args []string) error {
	plugin := *env
	plugin.ReadPassword = nil // there is nobody to ask
	env = &plugin
	server, err := o.complete(args)
	if err != nil {
		return err
	}
	options, err := o.reportOptions()
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, o.timeout.Duration)
	defer cancel()
	begin := time.Now()
	r := hostCheck{Host: server, options: options, verbose: o.verbose, graphs: o.perfdata}
	var components []inventory.Component
	var unread []check.Unread
	if err := errors.Join(o.from.check(), o.from.refuse(o.connection)); err != nil {
		return err
	}
	if o.from.db != "" || o.from.address != "" {
		r.Host, components, unread, err = o.readInventory(limited, env, server)
	} else {
		r.Host, components, unread, err = o.readHost(limited, env, server)
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case err != nil && diagnose(err).code == ExitUsage:
		return err
	case errors.Is(err, store.ErrDamaged):
		components, unread = nil, []check.Unread{o.unread(err)}
	case err != nil:
		unread = append(unread, o.unread(err))
	}
	r.Report = check.New(components, unread, options)
	r.Seconds = time.Since(begin).Seconds()
	if err := r.print(env, o.output); err != nil {
		return err
	}
	return stateError(r.State)
}

// unread returns what the failure to read anything is in a report.
func (o *checkOptions) unread(err error) check.Unread {
	u := check.Unread{Error: err.Error(), Hint: diagnose(err).hint}
	if op, ok := errors.AsType[*cimxml.OpError](err); ok {
		u.Error = op.Err.Error() // it befell any class
	}
	if errors.Is(err, context.DeadlineExceeded) {
		u.Error = fmt.Sprintf("no answer within %s", o.patience())
		u.Hint = "check that the host is up and that no firewall is in between; --timeout and --class-timeout wait longer"
	}
	return u
}

// patience is how long the first answer is waited for.
func (o *checkOptions) patience() time.Duration {
	return min(o.connection.timeout, o.timeout.Duration)
}

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cimwatch/cimwatch/internal/check"
)

// checkOptions are the flags of check.
type checkOptions struct {
	connection *connectionFlags
	from       *inventoryFlags
	compat     checkCompat
	output     *outputFlag

	timeout      secondsFlag // of the whole check
	classTimeout secondsFlag
	concurrency  int
	maxAge       time.Duration

	ignore        []string
	patterns      bool
	defaultIgnore bool
	onlyStorage   bool
	noStorage     bool
	noLCD         bool
	noGraph       map[string]*bool // by quantity
	warning       []string
	critical      []string
	absent        stateFlag
	silent        stateFlag
	unreadState   stateFlag

	verbose  bool
	perfdata bool
}

const (
	defaultCheckTimeout = 50 * time.Second // Nagios and Icinga end a plugin after 60 s
	defaultClassTimeout = 15 * time.Second
	defaultMaxAge       = time.Hour
)

func addCheckFlags(cmd *cobra.Command) *checkOptions {
	o := &checkOptions{
		connection: addCheckConnection(cmd), from: addInventoryFlags(cmd),
		timeout: secondsFlag{defaultCheckTimeout}, classTimeout: secondsFlag{defaultClassTimeout},
		unreadState: stateFlag{check.Unknown}, noGraph: make(map[string]*bool),
	}
	o.compat.add(cmd)
	flags := cmd.Flags()
	password := flags.Lookup("password-file")
	password.Usage = strings.Replace(password.Usage, "; or asked for on a terminal", "", 1)
	flags.Lookup("db").Usage = "store `file` of a daemon, to be read in place of the host"
	flags.Lookup("address").Usage = "`URL` of a running daemon's metrics address, to be asked in place of the host"
	flags.VarP(&o.timeout, "timeout", "t", "longest `time` for the whole check, in seconds or as 1m30s")
	flags.Var(&o.classTimeout, "class-timeout", "longest `time` for one class (or that of the named connection)")
	flags.IntVar(&o.concurrency, "concurrency", 4, "how many classes are read at once")
	flags.DurationVar(&o.maxAge, "max-age", defaultMaxAge, "with --db and --address: how old the last reading may be; 0 for any age")
	o.addSelection(flags)
	flags.StringArrayVarP(&o.warning, "warning", "w", nil, "`NAME=RANGE` of a sensor's readings, outside of which it is WARNING; can be repeated")
	flags.StringArrayVarP(&o.critical, "critical", "c", nil, "the same for CRITICAL")
	flags.Var(&o.absent, "absent", "`state` of a component that is absent or disabled")
	flags.Var(&o.silent, "unknown", "`state` of a component that says nothing of its health")
	flags.Var(&o.unreadState, "unread", "`state` of what cannot be read: a class, or the host")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "a line for each component")
	flags.BoolVarP(&o.perfdata, "perfdata", "p", true, "readings of sensors as performance data")
	o.output = addOutputFlag(cmd, formatText, formatJSON, formatPrometheus)
	cmd.MarkFlagsMutuallyExclusive("storage", "no-storage")
	return o
}

// addCheckConnection adds the flags of a connection, but for --timeout, which is that of the
// whole check here as in every plugin. A flag stands in for another one of the same meaning.
func addCheckConnection(cmd *cobra.Command) *connectionFlags {
	all := &cobra.Command{}
	f := addConnectionFlags(all)
	all.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "timeout" {
			cmd.Flags().AddFlag(flag)
		}
	})
	f.changed = func(flag string) bool {
		changed := cmd.Flags().Changed
		switch flag {
		case "timeout":
			return changed("class-timeout")
		case "user":
			return changed(flag) || changed("login")
		case "password-file":
			return changed(flag) || changed("pass")
		default:
			return changed(flag)
		}
	}
	return f
}

// addSelection adds the flags that say what counts.
func (o *checkOptions) addSelection(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&o.ignore, "ignore", "i", nil, "`names` of components that do not count, with commas between; can be repeated")
	flags.BoolVarP(&o.patterns, "regex", "r", false, "names of --ignore, --warning and --critical are regular expressions that fit somewhere in a name")
	flags.BoolVar(&o.defaultIgnore, "default-ignore", true, "ignore the sensors of Dell servers that are known for false alarms")
	flags.BoolVar(&o.onlyStorage, "storage", false, "check storage only: controllers, disks, volumes, their batteries and ports")
	flags.BoolVar(&o.noStorage, "no-storage", false, "check everything but storage")
	flags.BoolVar(&o.noLCD, "no-lcd", false, "ignore the sensors of displays and their cables")
	for _, graph := range []struct{ flag, quantity, what string }{
		{"no-power", "power", "power"}, {"no-volts", "voltage", "voltage"}, {"no-current", "current", "current"},
		{"no-temp", "temperature", "temperature"}, {"no-fan", "speed", "fan"},
	} {
		o.noGraph[graph.quantity] = flags.Bool(graph.flag, false, "no performance data of "+graph.what+" sensors")
	}
}

// reportOptions returns the flags as a report takes them.
func (o *checkOptions) reportOptions() (*check.Options, error) {
	r := &check.Options{
		Absent: o.absent.state, Silent: o.silent.state, Unread: o.unreadState.state, NoGraph: make(map[string]bool),
	}
	var err error
	if r.Ignore, err = check.NewNames(o.ignore, o.patterns); err != nil {
		return nil, usage(fmt.Errorf("--ignore: %w", err))
	}
	if o.defaultIgnore {
		r.Ignore = r.Ignore.Join(check.FalseAlarms())
	}
	if o.noLCD {
		r.Ignore = r.Ignore.Join(check.Displays())
	}
	switch {
	case o.onlyStorage:
		r.Storage = check.OnlyStorage
	case o.noStorage:
		r.Storage = check.WithoutStorage
	}
	for quantity, off := range o.noGraph {
		r.NoGraph[quantity] = *off
	}
	r.Limits, err = o.limits()
	return r, err
}

func (o *checkOptions) limits() ([]check.Limit, error) {
	var limits []check.Limit
	for _, given := range []struct {
		flag  string
		texts []string
		state check.State
	}{{"warning", o.warning, check.Warning}, {"critical", o.critical, check.Critical}} {
		for _, text := range given.texts {
			l, err := check.NewLimit(text, given.state, o.patterns)
			if err != nil {
				return nil, withHint(usage(fmt.Errorf("--%s: %w", given.flag, err)),
					`write it like --`+given.flag+` "System Board 1 Inlet Temp=10:35"`)
			}
			limits = append(limits, l)
		}
	}
	return limits, nil
}

// secondsFlag is a time that plugins take as a number of seconds, and all of cimwatch with its
// unit.
type secondsFlag struct{ time.Duration }

// Set reads "30" and "1m30s".
func (f *secondsFlag) Set(text string) error {
	d, err := time.ParseDuration(text)
	if n, numberErr := strconv.ParseUint(text, 10, 31); numberErr == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || d <= 0 {
		return errors.New("expected a time such as 30 or 1m30s")
	}
	f.Duration = d
	return nil
}

// Type names the kind of value in help texts.
func (f *secondsFlag) Type() string { return "time" }

// stateFlag is a state of a plugin.
type stateFlag struct{ state check.State }

// String, Set and Type make a stateFlag a pflag.Value.
func (f *stateFlag) String() string { return strings.ToLower(f.state.String()) }

// Set takes the name of a state.
func (f *stateFlag) Set(name string) (err error) {
	f.state, err = check.ParseState(name)
	return err
}

// Type names the kind of value in help texts.
func (f *stateFlag) Type() string { return "state" }

// vendors are those that check_esxi_hardware knows.
func vendors() []string { return []string{"auto", "dell", "hp", "ibm", "intel", "unknown"} }

func isVendor(name string) bool { return slices.Contains(vendors(), strings.ToLower(name)) }

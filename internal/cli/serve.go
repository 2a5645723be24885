package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

type serveOptions struct {
	config   string
	logLevel string
	logJSON  bool
}

func newServeCommand(env *Env) *cobra.Command {
	o := serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve -c FILE",
		Short: "Run the daemon: subscribe to all hosts, keep their indications, keep their inventory",
		Long: `serve subscribes to every host of the configuration, listens for their indications, writes each to
disk before it answers, and keeps the inventory that they drive. Each host is looked after on
its own: a dead one delays nobody. It runs until it gets SIGTERM or SIGINT; then it answers what it
has taken on, takes in the rest of the journal, and ends. The subscriptions stay on the hosts unless
the configuration says otherwise. On a terminal it shows how far its first look at all hosts has come.

docs/configuration.md describes the file; examples/cimwatch.yaml is one to start from.`,
		Example: `  cimwatch serve -c cimwatch.yaml
  cimwatch serve -c cimwatch.yaml --log-json`,
		Args: arguments(),
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.config, "config", "c", "", "configuration `file` (required)")
	flags.StringVar(&o.logLevel, "log-level", "info", "least `level` that is logged: debug, info, warn, error")
	flags.BoolVar(&o.logJSON, "log-json", false, "log JSON, one object a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), env, &o) }
	return cmd
}

func serve(ctx context.Context, env *Env, o *serveOptions) error {
	if o.config == "" {
		return withHint(usage(errors.New("no configuration file")), "give -c FILE; examples/cimwatch.yaml is one to start from")
	}
	line := &statusLine{w: env.Stderr}
	logger, err := o.logger(line)
	if err != nil {
		return err
	}
	config, err := daemon.LoadConfig(o.config)
	if err != nil {
		return explainConfig(err)
	}
	d, err := daemon.New(ctx, config, &daemon.Options{
		Logger: logger, Version: readBuild().Version, Getenv: env.getenv,
		Observe: daemon.Observer{Answered: func(a listener.Answer) {
			if a.Status >= 400 {
				logger.Warn("request refused", "remote", a.Remote.String(), "status", a.Status, "reason", a.Reason)
			}
		}},
	})
	if err != nil {
		return explainStart(err)
	}
	note(env.Stderr, listening("Listener", d.ListenerAddr()))
	if address := d.MetricsAddr(); address != nil {
		note(env.Stderr, listening("Metrics", address))
	}
	if env.StderrIsTerminal && env.getenv("TERM") != "dumb" {
		watching, stop := context.WithCancel(ctx)
		var shown sync.WaitGroup
		shown.Go(func() { showProgress(watching, line, d.Progress) })
		defer func() {
			stop()
			shown.Wait()
		}()
	}
	return d.Run(ctx)
}

func (o *serveOptions) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logLevel)); err != nil {
		return nil, usage(errors.New("--log-level " + printable(o.logLevel) + ": choose one of debug, info, warn, error"))
	}
	options := &slog.HandlerOptions{Level: level}
	if o.logJSON {
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return slog.New(slog.NewTextHandler(w, options)), nil
}

func explainConfig(err error) error {
	if _, ok := errors.AsType[*daemon.ConfigError](err); ok {
		return withHint(err, "docs/configuration.md describes every key, examples/cimwatch.yaml shows them")
	}
	return err
}

// explainStart names the keys of the configuration that may help, where the hints for other
// commands would name flags that serve does not have.
func explainStart(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return withHint(err, "another program has this port; choose another in listener.address or metrics.address")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return withHint(err, "listener.address and metrics.address take an address of this machine, or :PORT for all of them")
	case errors.Is(err, daemon.ErrUnfinishedCopy):
		return withHint(err, `finish it: run "cimwatch inventory copy" again, as before`)
	case isDatabase(err):
		return explainStartDatabase(err)
	case errors.Is(err, store.ErrLocked):
		return withHint(err, "another cimwatch has this file open: stop it, or choose another in store.file")
	case errors.Is(err, store.ErrFormat):
		return withHint(err, "this file was not made by cimwatch, or by a newer one; choose another in store.file")
	default:
		return err
	}
}

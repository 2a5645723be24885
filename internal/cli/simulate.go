package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// builtinModel is the --model that is part of the program.
const builtinModel = "esxi"

// simulateOptions are the flags of simulate.
type simulateOptions struct {
	port    *portFlags
	account connectionFlags // only user and password
	models  []string
	interop string
	play    time.Duration
}

func newSimulateCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Run a simulated CIM server",
		Long: `Run a CIM server in memory that any CIM client can talk to and subscribe at, until interrupted.
It behaves like sfcb, the CIM server inside VMware ESXi. Deliveries of indications are told on
standard error.

The built-in model is an ESXi host. Another one is made of MOF files, which may include those of
the built-in one: qualifiers.mof, core.mof, hardware.mof, indications.mof, alerts.mof (what ESXi
reports), interop.mof, profiles.mof and control.mof. What clients need to subscribe and the simulator to be told
what to do is added where the files do not declare it: CIM_Indication with its standard subclasses
(indications.mof), filters, handlers, subscriptions and namespaces (interop.mof), and the class
CIMWATCH_Simulator (control.mof), with their superclasses. "cimwatch class tree URL", asked of the
simulator, shows what came of it. --copy-model gives these files, to read and to change: esxi.mof is
the host.

Things happen to the host when a client calls a method of the class CIMWATCH_Simulator, in
root/cimv2. This opens the case:

  wbemcli cm 'http://127.0.0.1:PORT/root/cimv2:CIMWATCH_Simulator.Name="sim"' PlayStep.Step="case-opened"

The steps are case-opened, case-closed, psu-unplugged, psu-restored, fan-slow, fan-recovered,
disk-failed, disk-rebuilding, disk-rebuilt, dimm-removed, dimm-inserted and property-changed.
The method FireIndication sends an alert and changes nothing:

  wbemcli cm 'http://127.0.0.1:PORT/root/cimv2:CIMWATCH_Simulator.Name="sim"' \
    FireIndication.ClassName="OMC_IpmiAlertIndication",Description="Assert + Fan 1 Fan failed"`,
		Example: `  cimwatch simulate --addr 127.0.0.1:5988
  cimwatch simulate --addr 127.0.0.1:5988 --play 5s
  cimwatch simulate --model models/array.mof -u admin --password-file password
  cimwatch simulate --copy-model mine && cimwatch simulate --model mine/esxi.mof`,
		Args: arguments(),
	}
	o := simulateOptions{port: addPortFlags(cmd, "127.0.0.1:0")}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.models, "model", []string{builtinModel}, "`model`: esxi, or a MOF file, folder or zip file; can be repeated")
	flags.StringVarP(&o.account.user, "user", "u", "", "account that clients must use (default none is needed)")
	flags.StringVar(&o.account.passwordFile, "password-file", "", "`file` whose first line is the account's password, - for standard input")
	flags.StringVar(&o.interop, "interop", "root/interop", "interop `namespace`, where filters, handlers and subscriptions belong")
	flags.DurationVar(&o.play, "play", 0, "play the scenario of the model once, a step each `interval`")
	folder := flags.String("copy-model", "", "write the MOF files of the built-in model to this `folder`, and do nothing else")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *folder != "" {
			return copyModel(*folder)
		}
		return runSimulate(cmd.Context(), env, &o)
	}
	return cmd
}

func runSimulate(ctx context.Context, env *Env, o *simulateOptions) error {
	if o.play < 0 {
		return usage(fmt.Errorf("--play %s: the interval is negative", o.play))
	}
	interop, err := interopName(o.interop)
	if err != nil {
		return err
	}
	o.interop = interop
	model, err := loadModel(ctx, env, o.models)
	if err != nil {
		return err
	}
	if o.play > 0 && len(model.Steps) == 0 {
		return usage(errors.New("--play: this model has no scenario"))
	}
	options, err := o.options(ctx, env)
	if err != nil {
		return err
	}
	server, err := simulator.New(model, options)
	if err != nil {
		return modelError(err)
	}
	port, err := o.port.listen(ctx)
	if err != nil {
		return err
	}
	note(env.Stderr, listening("CIM server", port.Addr()))
	return simulate(ctx, env, server, port, o.play)
}

func (o *simulateOptions) options(ctx context.Context, env *Env) (*simulator.Options, error) {
	options := &simulator.Options{
		Interop: o.interop, Lifecycle: true,
		OnDelivery: func(d simulator.Delivery) { note(env.Stderr, deliveryLine(&d)) },
	}
	var err error
	if options.TLS, err = o.port.tlsConfig(); err != nil {
		return nil, err
	}
	if o.account.user == "" && o.account.passwordFile == "" {
		return options, nil // $CIMWATCH_USER is for clients
	}
	if options.User, err = o.account.userName(env); err != nil {
		return nil, err
	}
	options.Password, err = o.account.password(ctx, env, options.User+" on the simulator")
	return options, err
}

// simulate serves until ctx ends, and plays the scenario where play is not 0.
func simulate(ctx context.Context, env *Env, server *simulator.Server, port net.Listener, play time.Duration) error {
	playing, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 2)
	var work sync.WaitGroup
	work.Go(func() { failed <- server.Serve(port) })
	if play > 0 {
		work.Go(func() {
			if err := playScenario(playing, env, server, play); err != nil {
				failed <- err
			}
		})
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	stop()
	const patience = 2 * time.Second // for deliveries
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if closeErr := server.Close(end); closeErr != nil {
		note(env.Stderr, "indications that were not delivered yet are lost")
	}
	work.Wait()
	return err
}

// playScenario plays one step each interval until all are played or ctx ends.
func playScenario(ctx context.Context, env *Env, server *simulator.Server, interval time.Duration) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for _, step := range server.Steps() {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		note(env.Stderr, "playing "+step.Name+": "+step.Title)
		if err := server.Play(ctx, step.Name); err != nil {
			return fmt.Errorf("play %s: %w", step.Name, err)
		}
	}
	return nil
}

// deliveryLine tells of one attempt to deliver an indication.
func deliveryLine(d *simulator.Delivery) string {
	answer := fmt.Sprintf("HTTP status %d", d.Status)
	if d.Err != nil {
		answer = d.Err.Error()
	}
	return fmt.Sprintf("%s %s to %s, attempt %d: %s", d.Outcome, d.Indication.Class, d.Destination, d.Attempt, answer)
}

// loadModel returns the model that --model asks for.
func loadModel(ctx context.Context, env *Env, names []string) (*simulator.Model, error) {
	switch {
	case len(names) == 0:
		return nil, usage(errors.New("--model: no model"))
	case len(names) == 1 && names[0] == builtinModel:
		return simulator.ESXi()
	case slices.Contains(names, builtinModel):
		return nil, withHint(usage(errors.New("--model: the built-in model stands alone")),
			"MOF files include what they need of it; see \"cimwatch simulate --help\"")
	}
	tree, err := readMOF(ctx, env, names, nil)
	if _, noFile := errors.AsType[*fs.PathError](err); noFile {
		return nil, err
	}
	if err != nil {
		return nil, modelError(err)
	}
	model, err := simulator.LoadModel(tree, tree.files...)
	if err != nil {
		return nil, modelError(tree.errorsShown(err))
	}
	return model, nil
}

// modelError returns an error of a model with a hint. It is a failure also where the simulator
// says it as a CIM server would.
func modelError(err error) error {
	return withHint(&codeError{err, ExitFailed},
		"--model takes MOF files, and folders and zip files of them; what they may include is in \"cimwatch simulate --help\"")
}

// interopName returns the namespace that --interop names.
func interopName(flag string) (string, error) {
	const hint = "give one or more names with slashes between, such as root/interop or root/PG_InterOp"
	name := cim.CleanNamespace(flag)
	if name == "" {
		return "", withHint(usage(errors.New("--interop: the namespace is empty")), hint)
	}
	const class = "CIM_X"
	if path, err := cim.ParseObjectPath(name + ":" + class); err != nil || !path.Equal(cim.ClassPath(name, class)) {
		return "", withHint(usage(fmt.Errorf("--interop: %q is not the name of a namespace", flag)), hint)
	}
	return name, nil
}

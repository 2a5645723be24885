package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/simulator"
)

type demoOptions struct {
	db    string
	speed float64
	keep  bool
}

func newDemoCommand(env *Env) *cobra.Command {
	o := demoOptions{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch a simulated ESXi host: subscriptions, indications, inventory, with nothing to set up",
		Long: `demo starts a simulated ESXi host and a cimwatch daemon on this machine. The daemon subscribes to the
host by CIM-XML and reads its inventory; then the host has trouble: its case is opened, a power supply
fails, a fan slows, a disk of a RAID volume fails, a memory module is swapped, its BIOS is updated.
Each indication is printed as it arrives, with what it changed in the inventory.

Everything listens on loopback only, on free ports.`,
		Example: `  cimwatch demo
  cimwatch demo --speed 10
  cimwatch demo --keep --db demo.db
  cimwatch demo -o json`,
		Args: arguments(),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.db, "db", "", "keep the store in this `file` (default: a temporary one)")
	flags.Float64Var(&o.speed, "speed", 1, "how fast time goes, 2 is twice as fast")
	flags.BoolVar(&o.keep, "keep", false, "stay up after the scenario, until interrupted")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return demo(cmd.Context(), env, &o, output) }
	return cmd
}

// demoHost is the name of the simulated host, one that no real host is likely to have.
const demoHost = "demo"

const (
	demoPause = 1200 * time.Millisecond // between two steps of the scenario
	slowest   = 0.01                    // speed; a step takes two minutes then
)

// demoClasses are the indications that the scenario sends.
func demoClasses() []string {
	return []string{
		"OMC_IpmiAlertIndication", "VMware_HHRCAlertIndication",
		"CIM_InstCreation", "CIM_InstDeletion", "CIM_InstModification",
	}
}

func demo(ctx context.Context, env *Env, o *demoOptions, output *outputFlag) (err error) {
	if !(o.speed >= slowest) { // not a number is not, either
		return usage(fmt.Errorf("--speed %g: the speed must be %g or more", o.speed, slowest))
	}
	db, removeStore, err := o.storeFile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeStore()) }()

	host, err := startDemoHost()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeWithin(ctx, host.Close)) }()

	show := newDemoShow(env, output)
	config := demoConfig(db, host.URL())
	d, err := daemon.New(ctx, config, &daemon.Options{Version: readBuild().Version, Observe: show.observer()})
	if err != nil {
		return err
	}
	show.places(demoPlaces{CIMServer: host.URL(), Listener: "http://" + d.ListenerAddr().String(),
		Metrics: "http://" + d.MetricsAddr().String(), Store: db, temporary: o.db == ""})

	return withDaemon(ctx, d, func(ctx context.Context) error { return runDemo(ctx, o, show, host, d) })
}

// withDaemon runs a daemon for as long as do runs. When the daemon ends by itself, the
// context of do ends, too.
func withDaemon(ctx context.Context, d *daemon.Daemon, do func(context.Context) error) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		err := d.Run(working)
		stop()
		ended <- err
	}()
	err := do(working)
	stop()
	errRun := <-ended
	if errRun != nil && errors.Is(err, context.Canceled) {
		return errRun // that is why
	}
	return errors.Join(err, errRun)
}

// runDemo plays the scenario on a host that the daemon is about to subscribe to.
func runDemo(ctx context.Context, o *demoOptions, show *demoShow, host *simulator.Server, d *daemon.Daemon) error {
	if err := show.awaitHost(ctx); err != nil {
		return err
	}
	if err := show.inventory(ctx, d); err != nil {
		return err
	}
	for _, step := range host.Steps() {
		if err := pause(ctx, time.Duration(float64(demoPause)/o.speed)); err != nil {
			return err
		}
		show.step(step.Title)
		if err := host.Play(ctx, step.Name); err != nil {
			return fmt.Errorf("play %s: %w", step.Name, err)
		}
		if err := errors.Join(host.Flush(ctx), d.Settle(ctx)); err != nil {
			return fmt.Errorf("wait for the indications of %s: %w", step.Name, err)
		}
	}
	if err := show.summary(ctx, d, o); err != nil {
		return err
	}
	if o.keep {
		<-ctx.Done()
	}
	return nil
}

// storeFile returns the store's file and what removes it when it is a temporary one.
func (o *demoOptions) storeFile() (file string, remove func() error, err error) {
	if o.db != "" {
		return o.db, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "cimwatch-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for the store: %w", err)
	}
	return filepath.Join(dir, "cimwatch.db"), func() error { return os.RemoveAll(dir) }, nil
}

func startDemoHost() (*simulator.Server, error) {
	model, err := simulator.ESXi()
	if err != nil {
		return nil, fmt.Errorf("compile the simulated host: %w", err)
	}
	host, err := simulator.New(model, nil)
	if err != nil {
		return nil, fmt.Errorf("simulate a host: %w", err)
	}
	if err := host.Listen("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("simulate a host: %w", err)
	}
	return host, nil
}

func demoConfig(db, serverURL string) *daemon.Config {
	config := &daemon.Config{
		Name: "demo", OnShutdown: daemon.OnShutdownUnsubscribe,
		Store:    daemon.StoreConfig{File: db},
		Listener: daemon.ListenerConfig{Address: "127.0.0.1:0"},
		Metrics:  daemon.MetricsConfig{Address: "127.0.0.1:0"},
	}
	host := daemon.HostConfig{Name: demoHost, URL: serverURL}
	host.Reread = daemon.RereadNo // it shows what the indications alone change
	host.Namespace, host.Classes = "root/cimv2", demoClasses()
	host.Timeout, host.Interval = 10*time.Second, time.Hour
	config.Hosts = []daemon.HostConfig{host}
	return config
}

// pause waits, or fails when ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// closeWithin closes something that drains, also when ctx has ended already.
func closeWithin(ctx context.Context, closeFunc func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return closeFunc(ctx)
}

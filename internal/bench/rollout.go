package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
)

// The roll-out of SysMES, a research inventory on CIM: 60 hosts of 58 properties made 3,588
// events, in 238 s.
const (
	rolloutHosts   = 60
	rolloutChanges = 3588
	rolloutGoal    = 5 // seconds
	rolloutTime    = time.Minute
)

// rollout measures how long it takes from an empty store until 60 simulated hosts are
// subscribed and their inventories on disk. Each has a component more than the built-in ESXi
// host, so that there are not fewer changes than those of SysMES; each change is a component
// with all its properties.
func (b *bench) rollout(ctx context.Context) error {
	model, err := simulator.ESXi()
	if err != nil {
		return err
	}
	rounds := 3
	if b.rounds < 7 {
		rounds = 1
	}
	seconds := make([]float64, rounds)
	for n := range seconds {
		took, err := b.rollOut(ctx, model)
		if err != nil {
			return err
		}
		seconds[n] = took.Seconds()
	}
	b.line("rollout-60-hosts-seconds-at-most", median(seconds), rolloutGoal)
	return nil
}

// rollOut does it once.
func (b *bench) rollOut(ctx context.Context, model *simulator.Model) (took time.Duration, err error) {
	dir, err := os.MkdirTemp(b.dir, "rollout-")
	if err != nil {
		return 0, err
	}
	config := &daemon.Config{
		Name: "bench", OnShutdown: daemon.OnShutdownKeep,
		Store:    daemon.StoreConfig{File: filepath.Join(dir, "bench.db")},
		Listener: daemon.ListenerConfig{Address: "127.0.0.1:0"},
	}
	for n := range rolloutHosts {
		server, err := simulatedHost(model)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, server.Close(context.WithoutCancel(ctx))) }()
		config.Hosts = append(config.Hosts, rolloutHost(n, server.URL()))
	}
	r := rolling{looked: make(chan daemon.HostStatus, rolloutHosts)}
	d, err := daemon.New(ctx, config, &daemon.Options{Observe: daemon.Observer{Synced: r.synced, Host: func(s daemon.HostStatus) {
		r.looked <- s
	}}})
	if err != nil {
		return 0, err
	}
	used := processorTime()
	took, err = r.run(ctx, d)
	used = processorTime() - used
	if err != nil {
		return 0, err
	}
	_, err = fmt.Fprintf(b.notes, "%d hosts rolled out in %.2f s: %d instances read, %d changes with %d properties on disk, %.0f changes/s; %.2f s of processor time with the hosts'\n",
		rolloutHosts, took.Seconds(), d.Progress().Instances, r.changes.Load(), r.properties.Load(), float64(r.changes.Load())/took.Seconds(), used.Seconds())
	return took, err
}

// simulatedHost returns a host with one component more than the model has.
func simulatedHost(model *simulator.Model) (*simulator.Server, error) {
	server, err := simulator.New(model, nil)
	if err != nil {
		return nil, err
	}
	fans, err := server.Instances("root/cimv2", "OMC_Fan")
	if err != nil || len(fans) == 0 {
		return nil, errors.Join(errors.New("the model has no fan"), err)
	}
	fan := fans[0].Clone()
	fan.Set("DeviceID", cim.String("29.99"))
	if _, err := server.Create(fan); err != nil {
		return nil, err
	}
	return server, server.Listen("127.0.0.1:0")
}

func rolloutHost(n int, url string) daemon.HostConfig {
	h := daemon.HostConfig{Name: fmt.Sprintf("host%d", n), URL: url}
	h.Namespace, h.Timeout, h.Interval = "root/cimv2", 30*time.Second, time.Hour
	h.Classes = []string{"CIM_AlertIndication", "CIM_InstCreation", "CIM_InstDeletion", "CIM_InstModification"}
	return h
}

// rolling is what came of a roll-out so far.
type rolling struct {
	changes, properties atomic.Int64
	looked              chan daemon.HostStatus
}

func (r *rolling) synced(_ string, changes []inventory.Change) {
	r.changes.Add(int64(len(changes)))
	for n := range changes {
		if i := changes[n].Instance; i != nil {
			r.properties.Add(int64(len(i.Properties)))
		}
	}
}

// run runs a daemon until all hosts were looked at, and returns how long that took.
func (r *rolling) run(ctx context.Context, d *daemon.Daemon) (took time.Duration, err error) {
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- d.Run(running) }()
	over := time.After(rolloutTime)
	for range rolloutHosts {
		select {
		case s := <-r.looked:
			if s.State != daemon.StateSubscribed {
				err = errors.Join(err, fmt.Errorf("host %s is %s: %s", s.Host, s.State, s.Detail))
			}
		case <-over:
			err = errors.Join(err, errors.New("the hosts are not all looked at in time"))
		case <-ctx.Done():
			err = errors.Join(err, ctx.Err())
		}
		if err != nil {
			break
		}
	}
	took = time.Since(began)
	stop()
	err = errors.Join(err, <-ended)
	if n := r.changes.Load(); err == nil && n < rolloutChanges {
		err = fmt.Errorf("%d changes are on disk, less than %d", n, rolloutChanges)
	}
	return took, err
}

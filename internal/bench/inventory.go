package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/store"
)

// inventory measures how many indications a daemon takes from the journal into the
// inventory, each of which changes a component, and compares that with how many the journal
// alone takes from 256 writers.
func (b *bench) inventory(ctx context.Context) error {
	for _, bursts := range []bool{false, true} {
		f, err := newFleet(bursts)
		if err != nil {
			return err
		}
		name := "inventory-updates"
		if bursts {
			name = "inventory-bursts"
		}
		if err := b.updates(ctx, f, name); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) updates(ctx context.Context, f *fleet, name string) error {
	dir, err := os.MkdirTemp(b.dir, "inventory-")
	if err != nil {
		return err
	}
	base := filepath.Join(dir, "base.db")
	if err := f.fill(ctx, base); err != nil {
		return err
	}
	count, rounds := 60_000, 5
	if b.turn < time.Second {
		count, rounds = 20_000, 1
	}
	var journal, taken, ratio, cpu []float64
	for round := range rounds + 1 {
		s, err := f.round(ctx, base, file(dir), count)
		if err != nil {
			return err
		}
		if round > 0 { // the first warms up
			journal, taken = append(journal, s.journal), append(taken, s.taken)
			ratio, cpu = append(ratio, s.taken/s.journal), append(cpu, s.cpu)
		}
	}
	_, err = fmt.Fprintf(b.notes, "%s: %.0f/s of %d hosts with %.0f us of processor time each, %.0f/s by the bare journal\n",
		name, median(taken), f.hosts, 1e6*median(cpu), median(journal))
	b.line(name+"-per-second", median(taken), 20_000)
	_, _ = fmt.Fprintf(b.out, "ratio %s-of-journal %.3f goal none\n", name, median(ratio)) // standard output is all there is
	return errors.Join(err, os.RemoveAll(dir))
}

// A speed is how many indications a second the journal alone takes, how many the inventory
// takes from there, and the seconds of processor time that one of those costs.
type speed struct{ journal, taken, cpu float64 }

// round has the journal take indications into a copy of a store, and then a daemon take
// them into the inventory.
func (f *fleet) round(ctx context.Context, base, path string, count int) (_ speed, err error) {
	content, err := os.ReadFile(base)
	if err != nil {
		return speed{}, err
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return speed{}, err
	}
	defer func() { err = errors.Join(err, os.Remove(path)) }()
	s, err := store.Open(path, nil)
	if err != nil {
		return speed{}, err
	}
	appended, err := f.append(ctx, s, 0, count)
	if err := errors.Join(err, s.Close()); err != nil {
		return speed{}, err
	}
	used := processorTime()
	took, err := takeIn(ctx, path, uint64(count))
	used = processorTime() - used
	n := float64(count)
	return speed{n / appended.Seconds(), n / took.Seconds(), used.Seconds() / n}, err
}

// takeIn runs a daemon until it has taken in the journal of a store, and returns how long
// that took. It has no host but one that nobody answers for.
func takeIn(ctx context.Context, path string, entries uint64) (time.Duration, error) {
	config, err := daemon.ParseConfig("bench.yaml", fmt.Appendf(nil, `
store: {file: %q}
listener: {address: "127.0.0.1:0", url: "http://127.0.0.1:1"}
hosts: [{name: none, url: "http://127.0.0.1:1"}]
`, path))
	if err != nil {
		return 0, err
	}
	d, err := daemon.New(ctx, config, nil)
	if err != nil {
		return 0, err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- d.Run(running) }()
	err = d.Settle(ctx)
	took := time.Since(began)
	stop()
	err = errors.Join(err, <-ended)
	if err == nil {
		err = hasTaken(ctx, path, entries)
	}
	return took, err
}

// hasTaken returns an error unless the inventory has come to an entry and the last
// indications have changed it.
func hasTaken(ctx context.Context, path string, entries uint64) error {
	s, err := store.Open(path, &store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	cursor, err := s.Cursor(ctx, "inventory")
	if err == nil && cursor != entries {
		err = fmt.Errorf("the inventory has come to %d of %d", cursor, entries)
	}
	changes := 0
	for _, readErr := range s.History(ctx, hostOf(0), "") {
		if readErr != nil {
			err = errors.Join(err, readErr)
			break
		}
		changes++
	}
	if err == nil && changes < 50 {
		err = fmt.Errorf("a host has %d changes only", changes)
	}
	return errors.Join(err, s.Close())
}

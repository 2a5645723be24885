package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A bench measures in rounds: within one, all that is compared takes its turn, so that
// what else the machine does meets all alike.
type bench struct {
	out    io.Writer // the goals
	notes  io.Writer // what they came of
	rounds int
	turn   time.Duration // of one load in a round
	dir    string        // on the disk that is measured

	contexts contexts
}

// line prints the outcome of a goal.
func (b *bench) line(name string, value, goal float64) {
	_, _ = fmt.Fprintf(b.out, "ratio %s %.3f goal %.2f\n", name, value, goal) // standard output is all there is
}

func (b *bench) load(v *service, l load) load {
	l.addr, l.contexts = v.addr, &b.contexts
	return l
}

// turns lets each of the services take its turn in every round, and passes the scores of
// a round to each.
func (b *bench) turns(ctx context.Context, services []*service, l load, each func([]score)) error {
	for round := range b.rounds + 1 {
		scores := make([]score, len(services))
		for n, v := range services {
			one, err := b.measure(ctx, b.load(v, l))
			if err != nil {
				return err
			}
			scores[n] = one
		}
		if round > 0 { // the first warms up
			each(scores)
		}
	}
	return nil
}

// measure runs a load and counts what it allocates.
func (b *bench) measure(ctx context.Context, l load) (score, error) {
	var before, after runtime.MemStats
	runtime.GC() // what one leaves behind is not for the other to clear
	runtime.ReadMemStats(&before)
	used := processorTime()
	s, err := l.run(ctx, b.turn)
	used = processorTime() - used
	runtime.ReadMemStats(&after)
	count := float64(max(len(s.latency), 1))
	s.mallocs = float64(after.Mallocs-before.Mallocs) / count
	s.cpu = used.Seconds() / count
	return s, err
}

// processorTime returns what the process has used.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// A comparison is the median of rounds, but for mallocs: what starting and stopping a
// load allocates weighs least in the round that got the furthest.
type comparison struct {
	rate    float64 // as a ratio
	own     float64 // indications a second
	mallocs float64 // more, per indication
	cpu     float64 // the null server's time as a ratio of the other's
}

// compare compares v with null.
func (b *bench) compare(ctx context.Context, v, null *service, l load) (comparison, error) {
	var rates, cpu, own, other, ownMallocs, otherMallocs []float64
	err := b.turns(ctx, []*service{v, null}, l, func(s []score) {
		rates = append(rates, s[0].rate/s[1].rate)
		ownMallocs, otherMallocs = append(ownMallocs, s[0].mallocs), append(otherMallocs, s[1].mallocs)
		cpu = append(cpu, s[1].cpu/s[0].cpu)
		own, other = append(own, s[0].rate), append(other, s[1].rate)
	})
	if err != nil {
		return comparison{}, err
	}
	c := comparison{rate: median(rates), own: median(own), mallocs: slices.Min(ownMallocs) - slices.Min(otherMallocs), cpu: median(cpu)}
	_, err = fmt.Fprintf(b.notes, "%d senders: %.0f/s, null server %.0f/s; by processor time the ratio is %.3f\n",
		l.senders, c.own, median(other), c.cpu)
	return c, err
}

// excess returns the median of how much longer than null v takes for all but one in a
// hundred.
func (b *bench) excess(ctx context.Context, v, null *service, l load) (time.Duration, error) {
	var more []time.Duration
	err := b.turns(ctx, []*service{v, null}, l, func(s []score) {
		more = append(more, s[0].quantile(0.99)-s[1].quantile(0.99))
	})
	if err != nil {
		return 0, err
	}
	return median(more), nil
}

func median[T float64 | time.Duration](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// with runs f with services that are stopped after it.
func with(f func() error, services ...*service) error {
	err := f()
	for _, v := range services {
		err = errors.Join(err, v.stop())
	}
	return err
}

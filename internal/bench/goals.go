package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

// goals are groups of what is measured together.
var goals = []struct {
	name    string
	long    bool // left out of a quick run
	measure func(*bench, context.Context) error
}{
	{"decode", false, (*bench).decode},
	{"durable", false, (*bench).durable},
	{"latency", false, (*bench).latency},
	{"https", true, (*bench).https},
	{"rollout", false, (*bench).rollout},
	{"inventory", false, (*bench).inventory},
}

// pair runs f with the null server and a listener that keeps nothing.
func pair(ctx context.Context, config *tls.Config, f func(v, null *service) error) error {
	null, err := nullService(ctx, config)
	if err != nil {
		return err
	}
	v, err := listenerService(ctx, listener.HandlerFunc(forgetful), config)
	if err != nil {
		return err
	}
	return with(func() error { return f(v, null) }, v, null)
}

// decode measures a listener that decodes and answers and keeps nothing.
func (b *bench) decode(ctx context.Context) error {
	return pair(ctx, nil, func(v, null *service) error {
		c, err := b.compare(ctx, v, null, load{senders: 64})
		if err != nil {
			return err
		}
		b.line("decode-keep-alive-64", c.rate, 0.85)
		b.line("decode-mallocs-over", c.mallocs, 2)
		c, err = b.compare(ctx, v, null, load{senders: 64, connect: true})
		if err != nil {
			return err
		}
		b.line("decode-connect-64", c.rate, 0.90)
		return nil
	})
}

// withDurable runs f with the null server and a listener that keeps what arrives.
func (b *bench) withDurable(ctx context.Context, f func(v, null *service) error) error {
	dir, err := os.MkdirTemp(b.dir, "store-")
	if err != nil {
		return err
	}
	null, err := nullService(ctx, nil)
	if err != nil {
		return err
	}
	v, err := durableService(ctx, dir)
	if err != nil {
		return err
	}
	return with(func() error { return f(v, null) }, v, null)
}

// durable measures a listener that answers when the indication is on disk.
func (b *bench) durable(ctx context.Context) error {
	return b.withDurable(ctx, func(v, null *service) error {
		for _, g := range []struct {
			senders int
			goal    float64
		}{{1, 0.14}, {64, 0.40}, {256, 0.50}} {
			c, err := b.compare(ctx, v, null, load{senders: g.senders})
			if err != nil {
				return err
			}
			b.line(fmt.Sprintf("durable-keep-alive-%d", g.senders), c.rate, g.goal)
		}
		return b.besidePywbem(ctx, v, null)
	})
}

// besidePywbem measures the same with a connection for each indication, as many times what pywbem's
// listener was measured to take, on a machine like that of docs/performance.md: 1,200/s at the most
// from 1 to 8 senders, 70/s from 64. It keeps nothing.
func (b *bench) besidePywbem(ctx context.Context, v, null *service) error {
	for _, g := range []struct {
		senders      int
		pywbem, goal float64
	}{{8, 1200, 8}, {64, 70, 80}} {
		c, err := b.compare(ctx, v, null, load{senders: g.senders, connect: true})
		if err != nil {
			return err
		}
		b.line(fmt.Sprintf("durable-connect-%d-of-pywbem", g.senders), c.own/g.pywbem, g.goal)
	}
	return nil
}

// latency measures how much longer one in a hundred waits at least, at a given rate.
func (b *bench) latency(ctx context.Context) error {
	turn, rounds := b.turn, b.rounds
	if least := 250 * time.Millisecond; turn < least { // a hundredth is to be more than a few
		b.turn, b.rounds = least, 3
	}
	defer func() { b.turn, b.rounds = turn, rounds }()
	return b.withDurable(ctx, func(v, null *service) error {
		for _, c := range []struct {
			rate int
			goal float64
		}{{1000, 1.5}, {5000, 1.5}, {10000, 3.5}} {
			more, err := b.excess(ctx, v, null, load{senders: 64, rate: c.rate})
			if err != nil {
				return err
			}
			b.line(fmt.Sprintf("durable-p99-at-%d-over", c.rate), more.Seconds()*1e3, c.goal)
		}
		return nil
	})
}

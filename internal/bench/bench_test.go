package main

import (
	"io"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/simulator"
)

// BenchmarkListener sends to a listener that keeps nothing, for profiles.
func BenchmarkListener(b *testing.B) {
	v, err := listenerService(b.Context(), listener.HandlerFunc(forgetful), nil)
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, v)
}

// BenchmarkDurable sends to a listener that answers when the indication is on disk.
func BenchmarkDurable(b *testing.B) {
	v, err := durableService(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, v)
}

// BenchmarkNull sends to the null server.
func BenchmarkNull(b *testing.B) {
	v, err := nullService(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, v)
}

func benchmark(b *testing.B, v *service) {
	b.Helper()
	s := &bench{rounds: 1, turn: time.Second}
	for _, senders := range []int{1, 64, 256} {
		b.Run(strconv.Itoa(senders), func(b *testing.B) {
			for b.Loop() {
				got, err := s.measure(b.Context(), s.load(v, load{senders: senders}))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(got.rate, "req/s")
				b.ReportMetric(got.mallocs, "mallocs/req")
				b.ReportMetric(1e6*got.cpu, "us-cpu/req")
			}
		})
	}
	if err := v.stop(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRollout rolls 60 hosts out, for profiles.
func BenchmarkRollout(b *testing.B) {
	model, err := simulator.ESXi()
	if err != nil {
		b.Fatal(err)
	}
	s := &bench{notes: io.Discard, dir: b.TempDir()}
	for b.Loop() {
		if _, err := s.rollOut(b.Context(), model); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInventory has a daemon take indications from its journal into the inventory.
func BenchmarkInventory(b *testing.B) {
	f, err := newFleet(false)
	if err != nil {
		b.Fatal(err)
	}
	base := filepath.Join(b.TempDir(), "base.db")
	if err := f.fill(b.Context(), base); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := f.round(b.Context(), base, file(b.TempDir()), 40_000)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(s.journal, "journal/s")
		b.ReportMetric(s.taken, "updates/s")
		b.ReportMetric(1e6*s.cpu, "us-cpu/update")
	}
}

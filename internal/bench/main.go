// Bench measures the goals of docs/performance.md. What it prints on standard output is
// one line for each:
//
//	ratio NAME VALUE goal GOAL
//
// Times differ between machines and moments, so that a value is a ratio of two that were
// taken in turns, or a difference; the median of several rounds. Names that end in
// "-over" are milliseconds or mallocs more than the null server, of which less is better.
//
//	go run ./internal/bench [-quick] [-only TEXT]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if os.Getenv("GOMAXPROCS") == "" { // as the command has it
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	quick := flags.Bool("quick", false, "shorter runs, about half a minute")
	only := flags.String("only", "", "measure only the goals whose group contains `TEXT`")
	place := flags.String("dir", "", "`directory` on the disk to measure; a temporary one is made in it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(*place, "cimwatch-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{out: stdout, notes: stderr, rounds: 7, turn: time.Second, dir: dir}
	if *quick {
		b.rounds, b.turn = 5, 100*time.Millisecond
	}
	sync, err := syncTime(dir)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(stderr, "%d processors, %s, fdatasync of 4 kB takes %v (median)\n", runtime.NumCPU(), runtime.Version(), sync)
	for _, g := range goals {
		if !strings.Contains(g.name, *only) || *quick && g.long {
			continue
		}
		if err := g.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
	}
	return nil
}

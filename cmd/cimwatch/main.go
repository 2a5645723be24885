// Command cimwatch tells what the hardware of every server is doing, the moment it changes:
//
//	cimwatch demo
//
// shows it on this machine with nothing to set up. Run cimwatch --help for the other commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/cimwatch/cimwatch/internal/cli"
)

func main() { os.Exit(run()) }

// run ends the command in order on the first SIGINT or SIGTERM; the second one kills it, in
// case that takes too long.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	addProcessor()
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error to end by, not a kill that leaves files behind

	return cli.Run(ctx, os.Args[1:], cli.SystemEnv())
}

// addProcessor gives the scheduler one processor more than it takes for itself, unless
// GOMAXPROCS says how many it is to have. A goroutine that waits for the disk keeps one:
// of two processors the journal would leave little more than one to requests.
func addProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}

// Command listen prints the indications that arrive until it is interrupted:
//
//	listen -addr :5990
//
// What has been printed is answered with 200; when printing fails the sender is told to send
// again later.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/mof"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "listen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	addr := flag.String("addr", ":5990", "address to listen on")
	flag.Parse()

	port, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "listening on", port.Addr())

	server := listener.New(listener.HandlerFunc(show), nil)
	ended := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		// Requests that are being served get a while to end.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		ended <- server.Shutdown(end)
	})
	if err := server.Serve(port); err != nil {
		return err
	}
	return <-ended
}

// show prints an indication in one piece, since several may arrive at once. Numbers of the
// standard classes come with their meaning, without asking the sender.
func show(_ context.Context, i *listener.Indication) error {
	values := mof.BuiltinValues()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", i.Received.Format(time.TimeOnly), i.Host, i.Instance.Class)
	for _, p := range i.Instance.Properties {
		fmt.Fprintf(&b, "  %s = %s", p.Name, p.Value)
		if n, ok := p.Value.Int64(); ok {
			if meaning, ok := values.Meaning(i.Instance.Class, p.Name, n); ok {
				fmt.Fprintf(&b, " (%s)", meaning)
			}
		}
		b.WriteString("\n")
	}
	_, err := os.Stdout.WriteString(b.String())
	return err
}

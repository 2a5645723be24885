// Command typed prints the hardware alerts of VMware ESXi hosts that arrive, out of typed
// fields:
//
//	typed -addr :5990
//
// The types are made from MOF by "cimwatch mof gen"; they are in alert.go. Have a host send
// its alerts with "cimwatch subscribe URL --class OMC_IpmiAlertIndication --listener
// http://THIS-MACHINE:5990".
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

//go:generate go run ../../cmd/cimwatch mof gen --package main --class OMC_IpmiAlertIndication --out alert.go ../../simulator/esxi/alerts.mof

func main() {
	addr := flag.String("addr", ":5990", "address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *addr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "typed:", err)
		os.Exit(1)
	}
}

// onAlert is called for each alert, also of the classes derived from OMC_IpmiAlertIndication.
func onAlert(_ context.Context, i *listener.Indication) error {
	var alert OMCIpmiAlertIndication
	if err := alert.FromInstance(i.Instance); err != nil {
		fmt.Fprintln(os.Stderr, "typed:", err) // the other fields are there all the same
	}
	advice := "look at the host"
	switch alert.GetAlertType() {
	case CIMAlertIndicationAlertTypeSecurityAlert:
		advice = "somebody may be at the host"
	case CIMAlertIndicationAlertTypeDeviceAlert:
		advice = "a part may have to be replaced"
	}
	when := "at an unknown time"
	if alert.EventTime != nil { // it may be NULL, as every property
		if t, ok := alert.EventTime.Time(); ok {
			when = t.Local().Format(time.DateTime)
		}
	}
	fmt.Printf("%s %s: %s: %s; %s\n", when, i.Host, alert.GetAlertType(), alert.GetDescription(), advice)
	return nil
}

func run(ctx context.Context, addr string) error {
	port, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "listening on", port.Addr())
	server := listener.New(listener.HandlerFunc(onAlert), nil)
	ended := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		ended <- server.Shutdown(end)
	})
	if err := server.Serve(port); err != nil {
		return err
	}
	return <-ended
}

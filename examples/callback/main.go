// Command callback watches one host: it listens, subscribes to the host, has a function of its
// own called for each class of indications, and unsubscribes when it is interrupted:
//
//	callback -addr 192.0.2.1:0 http://esx1:5988
//
// The address must be one of this machine's that the host can reach.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/subscriber"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "callback:", err)
		os.Exit(1)
	}
}

// hardwareAlert is what this program wants to know of an OMC_IpmiAlertIndication or one of
// the classes below it.
type hardwareAlert struct {
	Description string
	Type        uint64         // AlertType: 5 is a device alert, 8 a security alert
	Element     cim.ObjectPath // what it is about, such as a sensor
	Time        time.Time      // by the host's clock
}

// newHardwareAlert reads the properties, any of which a host may leave out.
func newHardwareAlert(i *cim.Instance) hardwareAlert {
	a := hardwareAlert{Description: i.Text("Description")}
	a.Type, _ = i.Get("AlertType").Uint64()
	if element, err := cim.ParseObjectPath(i.Text("AlertingManagedElement")); err == nil {
		a.Element = element
	}
	if when, ok := i.Get("EventTime").DateTime(); ok {
		a.Time, _ = when.Time()
	}
	return a
}

// onHardwareAlert is called for each alert of the host's sensors.
func onHardwareAlert(_ context.Context, i *listener.Indication) error {
	a := newHardwareAlert(i.Instance)
	fmt.Printf("type %d, %s of %s: %s\n", a.Type, a.Element.Class, i.Host, a.Description)
	return nil
}

// onStorageAlert is called for each alert of the RAID controllers. Package event reads out of
// the text what servers do not say in properties.
func onStorageAlert(_ context.Context, i *listener.Indication) error {
	e := event.Normalise(i.Host, i.Received, i.Instance)
	fmt.Printf("%s, %s: %s\n", e.Severity, e.Action, e.Description)
	return nil
}

func run(ctx context.Context) error {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	flag.Parse()
	if flag.NArg() != 1 {
		return errors.New("usage: callback [-addr HOST:PORT] SERVER")
	}

	var mux listener.Mux
	mux.HandleFunc("VMware_HHRCAlertIndication", onStorageAlert)
	// Subscribing to OMC_IpmiAlertIndication also brings the classes below it, such as
	// OMC_PowerIpmiAlertIndication, which have a name of their own: all the others are those.
	mux.HandleFunc("", onHardwareAlert)
	server := listener.New(&mux, nil)
	port, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(port) }()

	err = watch(ctx, flag.Arg(0), "http://"+port.Addr().String())
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(end), <-served)
}

// watch has the host send its alerts to the listener until ctx ends.
func watch(ctx context.Context, host, listenerURL string) error {
	client, err := cimxml.NewClient(host, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	s := subscriber.New(client, nil)
	_, err = s.Reconcile(ctx, subscriber.Declaration{
		Name: "callback",
		// Each filter has a path of its own: nothing else tells which one let an indication
		// through.
		Filters: []subscriber.Filter{
			{Query: "SELECT * FROM OMC_IpmiAlertIndication", Destination: listenerURL + "/hardware"},
			{Query: "SELECT * FROM VMware_HHRCAlertIndication", Destination: listenerURL + "/storage"},
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "subscribed")
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err = s.Remove(end, "callback")
	return err
}

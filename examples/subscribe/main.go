// Command subscribe makes a CIM server send the indications of some classes to a listener, or
// no longer:
//
//	CIM_PASSWORD=... subscribe -user root https://esx1:5989 http://192.0.2.1:5990/ CIM_AlertIndication
//	CIM_PASSWORD=... subscribe -user root -remove https://esx1:5989
//
// The first may run as often as it likes: what is there already is kept.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/subscriber"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "subscribe:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	user := flag.String("user", "", "account on the CIM server, its password is $CIM_PASSWORD")
	insecure := flag.Bool("insecure", false, "trust any certificate")
	remove := flag.Bool("remove", false, "remove the subscriptions")
	flag.Parse()
	if flag.NArg() < 1 || !*remove && flag.NArg() < 3 {
		return errors.New("usage: subscribe [flags] SERVER LISTENER CLASS..., or subscribe -remove [flags] SERVER")
	}

	tls, err := cimxml.Trust{Insecure: *insecure}.TLSConfig()
	if err != nil {
		return err
	}
	client, err := cimxml.NewClient(flag.Arg(0), &cimxml.Options{
		User: *user, Password: os.Getenv("CIM_PASSWORD"), TLS: tls,
	})
	if err != nil {
		return err
	}
	defer client.Close()

	s := subscriber.New(client, &subscriber.Options{Progress: func(step subscriber.Step) {
		fmt.Println(step.Action, step.Object)
	}})
	// The name tells these subscriptions from those of other programs.
	declaration := subscriber.Declaration{Name: "example"}
	if *remove {
		_, err := s.Remove(ctx, declaration.Name)
		return err
	}
	for _, class := range flag.Args()[2:] {
		declaration.Filters = append(declaration.Filters, subscriber.Filter{
			Query:       "SELECT * FROM " + class,
			Destination: flag.Arg(1),
		})
	}
	report, err := s.Reconcile(ctx, declaration)
	fmt.Printf("%d created, %d kept in %s\n", len(report.Created), len(report.Kept), report.Interop)
	return err
}

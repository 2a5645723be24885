package listener_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/listener"
)

// The shortest useful program prints alerts until it is interrupted.
func Example() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := listener.New(listener.HandlerFunc(func(_ context.Context, i *listener.Indication) error {
		_, err := fmt.Println(i.Host, i.Instance.Class, i.Instance.Text("Description"))
		return err
	}), nil)
	if err := server.ListenAndServe(ctx, ":5990"); err != nil {
		fmt.Println(err)
	}
}

// A Mux calls a function for each class, here for one that the example sends itself.
func ExampleMux() {
	ctx := context.Background()
	mux := &listener.Mux{}
	mux.HandleFunc("OMC_IpmiAlertIndication", func(_ context.Context, i *listener.Indication) error {
		severity, _ := i.Instance.Get("PerceivedSeverity").Uint64()
		fmt.Printf("%s: %s, severity %d\n", i.Path, i.Instance.Text("Description"), severity)
		return nil
	})
	server := listener.New(mux, nil)
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()

	body, err := cimxml.EncodeExport("1", cim.NewInstance("OMC_IpmiAlertIndication",
		cim.Prop("Description", cim.String("Assert + Physical Security General Chassis intrusion")),
		cim.Prop("PerceivedSeverity", cim.Uint16(0))))
	if err != nil {
		fmt.Println(err)
		return
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+ln.Addr().String()+"/esx1", strings.NewReader(string(body)))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("Content-Type", `application/xml; charset="utf-8"`)
	request.Header.Set("CIMExport", "MethodRequest")
	request.Header.Set("CIMExportMethod", "ExportIndication")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if answer, err := client.Do(request); err == nil {
		fmt.Println(answer.Status)
		_ = answer.Body.Close()
	}
	if err := server.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	if err := <-served; err != nil {
		fmt.Println(err)
	}
	// Output:
	// /esx1: Assert + Physical Security General Chassis intrusion, severity 0
	// 200 OK
}

// A Refusal tells the sender something other than "send again later".
func ExampleRefusal() {
	known := map[string]bool{"192.0.2.7": true}
	handler := listener.HandlerFunc(func(_ context.Context, i *listener.Indication) error {
		if !known[i.Host] {
			return &listener.Refusal{Status: http.StatusForbidden, Err: fmt.Errorf("unknown sender %s", i.Host)}
		}
		return nil
	})
	err := handler.HandleIndication(context.Background(), &listener.Indication{Host: "198.51.100.9"})
	fmt.Println(err)
	// Output: refused with 403 Forbidden: unknown sender 198.51.100.9
}

package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// A simulated ESXi host, a listener that prints, and a subscription.
func Example() {
	ctx := context.Background()
	listener := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			fmt.Println(err)
		}
		export, err := cimxml.DecodeExport(body)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(export.Indication.Text("Description"))
	}))
	defer listener.Close()

	model, err := simulator.ESXi()
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := simulator.New(model, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := server.Listen("127.0.0.1:0"); err != nil {
		fmt.Println(err)
		return
	}
	if err := subscribeTo(ctx, server.URL(), listener.URL); err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range []string{"case-opened", "case-closed"} {
		if err := server.Play(ctx, step); err != nil {
			fmt.Println(err)
		}
	}
	if err := server.Close(ctx); err != nil { // delivers first
		fmt.Println(err)
	}
	// Output:
	// Assert + Physical Security General Chassis intrusion
	// Deassert + Physical Security General Chassis intrusion
}

// subscribeTo makes a server send its alerts to a listener.
func subscribeTo(ctx context.Context, server, listener string) error {
	client, err := cimxml.NewClient(server, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	filter, err := client.CreateInstance(ctx, "root/interop", cim.NewInstance("CIM_IndicationFilter",
		cim.Prop("Name", cim.String("example")),
		cim.Prop("SourceNamespace", cim.String("root/cimv2")),
		cim.Prop("Query", cim.String("SELECT * FROM CIM_AlertIndication")),
		cim.Prop("QueryLanguage", cim.String("WQL"))))
	if err != nil {
		return err
	}
	handler, err := client.CreateInstance(ctx, "root/interop", cim.NewInstance("CIM_IndicationHandlerCIMXML",
		cim.Prop("Name", cim.String("example")),
		cim.Prop("Destination", cim.String(listener))))
	if err != nil {
		return err
	}
	_, err = client.CreateInstance(ctx, "root/interop", cim.NewInstance("CIM_IndicationSubscription",
		cim.Prop("Filter", cim.Reference(filter)),
		cim.Prop("Handler", cim.Reference(handler))))
	return err
}

// A method of a model of one's own.
func ExampleServer_HandleMethod() {
	model, err := simulator.LoadModel(mofFiles, "lamp.mof")
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := simulator.New(model, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = server.HandleMethod("ACME_Lamp", "Switch", func(_ context.Context, call *simulator.Call) (cim.Value, []cim.Parameter, error) {
		on, _ := call.Get("On").Boolean()
		before, after, err := call.Server.Update(call.Object, cim.Prop("Lit", cim.Boolean(on)))
		if err != nil {
			return cim.Value{}, nil, err
		}
		fmt.Println(before.Get("Lit"), after.Get("Lit"))
		return cim.Uint32(0), nil, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	web := httptest.NewServer(server)
	defer web.Close()
	client, err := cimxml.NewClient(web.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	lamp, _ := cim.ParseObjectPath(`root/cimv2:ACME_Lamp.Room="hall"`)
	result, _, err := client.InvokeMethod(context.Background(), lamp, "Switch", cim.Param("On", cim.Boolean(true)))
	fmt.Println(result, err)
	// Output:
	// FALSE TRUE
	// 0 <nil>
}

// A server that has no pull operations and ends connections early, as sfcb does.
func ExampleServer_Fault() {
	model, err := simulator.ESXi()
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := simulator.New(model, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	web := httptest.NewServer(server)
	defer web.Close()
	server.Fault(simulator.Fault{Method: "Open*", Err: cim.Errorf(cim.StatusNotSupported, "")})
	server.Fault(simulator.Fault{Method: "EnumerateInstances", Cut: 20_000})

	client, err := cimxml.NewClient(web.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_, _, err = client.OpenEnumerateInstances(context.Background(), "root/cimv2", "CIM_Fan", nil)
	fmt.Println(errors.Is(err, cim.StatusNotSupported))
	for _, err := range client.EnumerateInstances(context.Background(), "root/cimv2", "CIM_ManagedElement", nil) {
		if err != nil {
			fmt.Println(errors.Is(err, io.ErrUnexpectedEOF))
		}
	}
	// Output:
	// true
	// true
}

var mofFiles = fstest.MapFS{"lamp.mof": {Data: []byte(`
	#pragma include ("qualifiers.mof")
	class ACME_Lamp {
		[Key] string Room;
		boolean Lit = false;
		uint32 Switch([In] boolean On);
	};
	instance of ACME_Lamp { Room = "hall"; };`)}}

package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/web"
)

// TestSubscriptionsOfDaemon shows how those of its hosts stand.
func TestSubscriptionsOfDaemon(t *testing.T) {
	w := watch(t)
	table := run(t, "subscriptions", "--address", w.address)
	const at = `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
	want := regexp.MustCompile(`^HOST  STATE +SINCE +STANDING  LOOKED +NEXT LOOK +LAST INDICATION  WHY\nesx1  subscribed  ` +
		at + `  1 of 1    ` + at + `  (-|` + at + `) +-\n$`)
	if !want.MatchString(table) {
		t.Errorf("table\n%s\nwant %s", table, want)
	}
	text := run(t, "subscriptions", "--address", w.address, "-o", "json")
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var reply struct {
		Hosts []web.HostSubscriptions `json:"hosts"`
	}
	if err := d.Decode(&reply); err != nil || len(reply.Hosts) != 1 || reply.Hosts[0].Standing != 1 {
		t.Errorf("%s: %v", text, err)
	}
}

// TestNotesOfDaemon tells once what is amiss with the configuration of hosts.
func TestNotesOfDaemon(t *testing.T) {
	const unmet = "components: no host has a class ACME_Fna"
	server := httptest.NewServer(web.NewSubscriptionsHandler(func(context.Context) ([]web.HostSubscriptions, error) {
		hosts := []web.HostSubscriptions{{Host: "esx1", Notes: []string{unmet}}, {Host: "esx2", Notes: []string{unmet}}, {Host: "esx3"}}
		for n := range 25 {
			hosts[2].Notes = append(hosts[2].Notes, fmt.Sprintf("note %02d", n))
		}
		return hosts, nil
	}, nil))
	defer server.Close()
	code, said := ask(t, "subscriptions --address "+server.URL, nil)
	if code != cli.ExitDone || strings.Count(said, "warning: "+unmet+"\n") != 1 || !strings.HasSuffix(said, "warning: note 18\nwarning: and 6 more\n") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if code, said := ask(t, "subscriptions -o json --address "+server.URL, nil); code != cli.ExitDone || said != "" {
		t.Errorf("exit code %d\n%s", code, said)
	}
}

// TestSubscribeTest asks a server that offers one for a test indication.
func TestSubscribeTest(t *testing.T) {
	model, err := simulator.LoadModel(fstest.MapFS{"model.mof": {Data: []byte(`
#pragma include ("core.mof")
#pragma include ("indications.mof")
#pragma include ("interop.mof")
class LAB_IndicationService : CIM_IndicationService { uint32 SendTestIndication(); };
#pragma namespace ("root/interop")
instance of LAB_IndicationService {
    SystemCreationClassName = "s"; SystemName = "s"; CreationClassName = "LAB_IndicationService"; Name = "loud";
};
`)}}, "model.mof")
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	err = s.HandleMethod("LAB_IndicationService", "SendTestIndication", func(context.Context, *simulator.Call) (cim.Value, []cim.Parameter, error) {
		asked++
		return cim.Uint32(0), nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(t.Context()) }() // nothing is on its way
	args := []string{"subscribe", s.URL(), "--listener", "http://192.0.2.1:5990", "--class", "CIM_AlertIndication"}
	if text := run(t, args...); asked != 0 || strings.Contains(text, "test") {
		t.Errorf("asked %d times without --test: %s", asked, text)
	}
	if text := run(t, append(args, "--test")...); asked != 1 || !strings.HasSuffix(text, "as cli\nAsked for 1 test indication\n") {
		t.Errorf("asked %d times: %s", asked, text)
	}
	if text := run(t, append(args, "--test", "-o", "json")...); asked != 2 || !strings.HasSuffix(text, `,"tests":1}`+"\n") {
		t.Errorf("asked %d times: %s", asked, text)
	}
}

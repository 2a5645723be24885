package daemon_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// hostNames returns the names of the hosts in a store that nobody has open.
func hostNames(t *testing.T, file string) (names []string) {
	t.Helper()
	withStore(t, file, func(s *store.Store) {
		hosts, err := s.Hosts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range hosts {
			names = append(names, hosts[i].Name)
		}
	})
	return names
}

// awaitAll waits until all hosts of a configuration are subscribed.
func (r *running) awaitAll(config *daemon.Config) {
	r.t.Helper()
	for range config.Hosts {
		if s := <-r.statuses; s.State != daemon.StateSubscribed {
			r.t.Fatalf("%s is %s: %s", s.Host, s.State, s.Detail)
		}
	}
}

// TestForget forgets a host that was taken out of the configuration, for who signs in, and none
// that is in it. What the journal holds back of it does not bring it back; when the configuration
// has it again it starts anew.
func TestForget(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, startHost(t, nil).url, h.url)
	config.Store.OrderWindow = 10 * time.Minute
	config.Metrics.WebConfig = filepath.Join(t.TempDir(), "web.yaml")
	write(t, config.Metrics.WebConfig, "# everybody may come in\n")
	hosts := config.Hosts
	first := start(t, config, nil)
	first.awaitAll(config)
	url := h.destinations(t)[0]
	for _, n := range []int64{0, 2, 3} {
		first.send(url, "c", n)
	}
	components := len(first.firstSync("esx2"))
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	checkHolds(t, config.Store.File, 2)

	config.Hosts = hosts[:1]
	second := start(t, config, nil)
	second.awaitAll(config)
	second.refusesToForget(web.ErrForbidden)
	write(t, config.Metrics.WebConfig, guard)
	second.refusesToForget(web.ErrUnauthorized)
	client := second.signedIn()
	for name, want := range map[string]error{"esx1": web.ErrConfigured, "esx9": web.ErrNotFound, "": web.ErrNotFound} {
		if list, err := client.Forget(within(t), false, "esx2", name); !errors.Is(err, want) || len(list) > 0 {
			t.Errorf("forget %q: %v, %v, want %v", name, list, err, want)
		}
	}
	for _, preview := range []bool{true, false} {
		list, err := client.Forget(within(t), preview, "esx2", "esx2")
		if err != nil || len(list) != 1 || list[0].Components != components || list[0].Changes < components {
			t.Errorf("forgotten: %+v, %v, want %d components", list, err, components)
		}
	}
	known, err := client.Hosts(within(t))
	if err != nil || len(known) != 1 || known[0].Name != "esx1" {
		t.Errorf("hosts %+v, %v", known, err)
	}
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}

	config.Store.OrderWindow = 0 // what is held back has its turn
	third := start(t, config, nil)
	third.awaitAll(config)
	if err := third.stop(); err != nil {
		t.Fatal(err)
	}
	checkHolds(t, config.Store.File, 0)
	if said := "neither the configuration nor the inventory has are passed over"; strings.Count(third.logs.String(), said) != 1 {
		t.Errorf("the log does not say once that indications are passed over:\n%s", third.logs.String())
	}
	if got := strings.Join(hostNames(t, config.Store.File), " "); got != "esx1" {
		t.Errorf("hosts: %s", got)
	}

	config.Hosts = hosts
	fourth := start(t, config, nil)
	fourth.awaitAll(config)
	if changes := fourth.firstSync("esx2"); len(changes) != components || changes[0].Cause.Reason != inventory.FirstSync {
		t.Errorf("when it comes again: %d changes, the first %+v", len(changes), changes[0])
	}
}

// refusesToForget asks without an account.
func (r *running) refusesToForget(want error) {
	r.t.Helper()
	if _, err := r.client.Forget(within(r.t), false, "esx2"); !errors.Is(err, want) {
		r.t.Errorf("without an account: %v, want %v", err, want)
	}
}

// signedIn returns a client with the account of guard.
func (r *running) signedIn() *web.Client {
	r.t.Helper()
	client, err := (&web.ClientOptions{User: "ops", Password: "watch"}).NewClient("http://" + r.MetricsAddr().String())
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}

// TestForgetIsCounted takes a forgotten host out of the metrics.
func TestForgetIsCounted(t *testing.T) {
	config := configFor(t, startHost(t, nil).url, startHost(t, nil).url)
	first := start(t, config, nil)
	first.awaitAll(config)
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	config.Hosts = config.Hosts[:1]
	second := start(t, config, nil)
	second.awaitAll(config)
	const ok = `cimwatch_inventory_components{health="ok"}`
	both := second.metric(ok)
	if _, err := second.Forget(within(t), false, "esx2"); err != nil {
		t.Fatal(err)
	}
	if alone := second.metric(ok); both == alone || alone == "0" {
		t.Errorf("%s components are ok, %s were", alone, both)
	}
	if status, _ := second.get("/api/v1/forget"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", status)
	}
}

package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/simulator"
)

const (
	goodPassword = "open-sesame-4711"
	badPassword  = "open-barley-0815"
)

// TestWrongPassword tells what is wrong with the account, and says its password nowhere.
func TestWrongPassword(t *testing.T) {
	h := startHost(t, &simulator.Options{User: "watcher", Password: goodPassword})
	file := filepath.Join(t.TempDir(), "password")
	write(t, file, badPassword+"\n")
	config := configFor(t, h.url)
	config.Hosts[0].User, config.Hosts[0].PasswordFile = "watcher", file
	d := start(t, config, nil)
	s := d.await(hostName)
	if s.State != daemon.StateFailing || !strings.Contains(s.Detail, "401") {
		t.Errorf("state %s: %s; want failing, with the status 401", s.State, s.Detail)
	}
	if n := h.called("CreateInstance"); n != 0 {
		t.Errorf("%d instances created without an account", n)
	}
	_, metrics := d.get("/metrics")
	_, hosts := d.get("/api/v1/hosts")
	if !strings.Contains(hosts, "401") {
		t.Errorf("the API does not tell why: %s", hosts)
	}
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	for place, text := range map[string]string{
		"the state": s.Detail, "the metrics": metrics, "the API": hosts, "the log": d.logs.String(), "the store": fileText(t, config.Store.File),
	} {
		if strings.Contains(text, badPassword) {
			t.Errorf("the password is in %s", place)
		}
	}
	if !strings.Contains(d.logs.String(), "host is failing") {
		t.Error("the log does not tell that the host is failing")
	}
}

// TestPasswords subscribes with an account from a file and from the environment.
func TestPasswords(t *testing.T) {
	h := startHost(t, &simulator.Options{User: "watcher", Password: goodPassword})
	file := filepath.Join(t.TempDir(), "password")
	write(t, file, goodPassword+"\r\nwhat follows is a remark\n")
	other := startHost(t, &simulator.Options{User: "watcher", Password: goodPassword})
	config := configFor(t, h.url, other.url)
	config.Hosts[0].User, config.Hosts[0].PasswordFile = "watcher", file
	config.Hosts[1].User, config.Hosts[1].PasswordEnv = "watcher", "ESX_PASSWORD"
	d := start(t, config, &daemon.Options{Getenv: func(name string) string {
		return map[string]string{"ESX_PASSWORD": goodPassword}[name]
	}})
	for range config.Hosts {
		if s := <-d.statuses; s.State != daemon.StateSubscribed {
			t.Errorf("%s is %s: %s", s.Host, s.State, s.Detail)
		}
	}
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(d.logs.String(), goodPassword) {
		t.Error("the password is in the log")
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func fileText(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

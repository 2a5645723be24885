package daemon_test

import (
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/store"
)

// TestNewErrors starts daemons that cannot start: the error says what and of which host,
// and nothing is left open.
func TestNewErrors(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	missing, empty, noPEM := filepath.Join(dir, "missing"), filepath.Join(dir, "empty"), filepath.Join(dir, "web.yaml")
	write(t, empty, "\nsecond line\n")
	write(t, noPEM, "basic_auth_users: [no]\n")
	cert, key, _ := certificate(t)

	for _, test := range []struct {
		name  string
		spoil func(*daemon.Config)
		is    error  // in the error's chain; nil: any
		text  string // in its text
	}{
		{"listener's port in use", func(c *daemon.Config) { c.Listener.Address = taken.Addr().String() }, syscall.EADDRINUSE, "listener: "},
		{"metrics' port in use", func(c *daemon.Config) { c.Metrics.Address = taken.Addr().String() }, syscall.EADDRINUSE, "metrics: "},
		{"no folder for the store", func(c *daemon.Config) { c.Store.File = filepath.Join(missing, "a.db") }, fs.ErrNotExist, "open store"},
		{"store that is none", func(c *daemon.Config) { c.Store.File = cert }, store.ErrFormat, "open store"},
		{"no certificate", func(c *daemon.Config) { c.Listener.Certificate, c.Listener.Key = missing, key }, fs.ErrNotExist, "load the certificate"},
		{"key of another", func(c *daemon.Config) { c.Listener.Certificate, c.Listener.Key = cert, cert }, nil, "load the certificate"},
		{"no web configuration", func(c *daemon.Config) { c.Metrics.WebConfig = missing }, fs.ErrNotExist, "web_config"},
		{"bad web configuration", func(c *daemon.Config) { c.Metrics.WebConfig = noPEM }, nil, "web_config"},
		{"no password file", func(c *daemon.Config) { c.Hosts[0].User, c.Hosts[0].PasswordFile = "u", missing }, fs.ErrNotExist, "host esx1: read the password"},
		{"password file is a folder", func(c *daemon.Config) { c.Hosts[0].User, c.Hosts[0].PasswordFile = "u", dir }, nil, "host esx1: read the password"},
		{"empty password", func(c *daemon.Config) { c.Hosts[0].User, c.Hosts[0].PasswordFile = "u", empty }, nil, "is empty"},
		{"no password in the environment", func(c *daemon.Config) { c.Hosts[0].User, c.Hosts[0].PasswordEnv = "u", "NO_SUCH" }, nil, "NO_SUCH is empty or not set"},
		{"no authority", func(c *daemon.Config) { c.Hosts[0].CA = missing }, fs.ErrNotExist, "host esx1: "},
		{"bad fingerprint", func(c *daemon.Config) { c.Hosts[0].Fingerprint = "4711" }, nil, "host esx1: "},
		{"bad URL", func(c *daemon.Config) { c.Hosts[0].URL = "ftp://h" }, nil, "host esx1: "},
		{"empty query", func(c *daemon.Config) { c.Hosts[0].Queries = []daemon.QueryConfig{{}} }, nil, "host esx1: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := configFor(t, "http://127.0.0.1:1")
			file := config.Store.File
			test.spoil(config)
			_, err := daemon.New(t.Context(), config, &daemon.Options{Getenv: func(string) string { return "" }})
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v; want %v with %q", err, test.is, test.text)
			}
			withStore(t, file, func(*store.Store) {}) // it is not locked
		})
	}
}

// TestStoreInUse keeps a second daemon off a store.
func TestStoreInUse(t *testing.T) {
	config := configFor(t, "http://127.0.0.1:1")
	start(t, config, nil)
	if _, err := daemon.New(t.Context(), config, nil); !errors.Is(err, store.ErrLocked) {
		t.Errorf("error %v, want %v", err, store.ErrLocked)
	}
}

// TestDefaults runs with nothing given but a configuration, and ends with its context.
func TestDefaults(t *testing.T) {
	config := configFor(t, "http://127.0.0.1:1")
	config.Metrics.Address = ""
	d, err := daemon.New(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d.MetricsAddr() != nil {
		t.Errorf("metrics at %s", d.MetricsAddr())
	}
	if err := d.Run(ended(t)); err != nil {
		t.Error(err)
	}
}

package daemon

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"slices"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/listener"
)

// access is who may send.
type access struct {
	senders *senders
	users   map[string]string // passwords
	tls     *tls.Config       // nil: plain HTTP
	pins    []listener.Pin
}

// addSenders reads what tells those who may send from others. Like the hosts it comes
// before the store.
func (d *Daemon) addSenders(context.Context) (err error) {
	c := &d.config.Listener
	log := d.log.With("component", "listener")
	if d.access.senders, err = newSenders(c.Allow, d.config.Hosts, log); err != nil {
		return fmt.Errorf("listener: allow: %w", err)
	}
	d.access.users = map[string]string{}
	for _, u := range c.Users {
		password, err := d.password(&HostDefaults{User: u.User, PasswordFile: u.PasswordFile, PasswordEnv: u.PasswordEnv})
		if err != nil {
			return fmt.Errorf("listener: user %s: %w", u.User, err)
		}
		d.access.users[u.User] = password
	}
	if c.Certificate == "" {
		return nil
	}
	certificate, err := listener.LoadCertificate(c.Certificate, c.Key)
	if err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	certificate.Logger = log
	d.access.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate.GetCertificate}
	return d.addClientCertificates(c)
}

// addClientCertificates reads which certificates senders must show: one that an authority
// signed, one that is pinned, or one that is both.
func (d *Daemon) addClientCertificates(c *ListenerConfig) error {
	for _, text := range c.ClientFingerprints {
		pin, err := listener.ParsePin(text)
		if err != nil {
			return fmt.Errorf("listener: client_fingerprints: %w", err)
		}
		d.access.pins = append(d.access.pins, pin)
	}
	if c.ClientCA == "" {
		return nil
	}
	trusted, err := cimxml.Trust{Authorities: c.ClientCA}.TLSConfig()
	if err != nil {
		return fmt.Errorf("listener: client_ca: %w", err)
	}
	d.access.tls.ClientCAs, d.access.tls.ClientAuth = trusted.RootCAs, tls.RequireAndVerifyClientCert
	return nil
}

func (d *Daemon) listen(ctx context.Context) (err error) {
	d.listenerSocket, err = listener.Listen(ctx, d.config.Listener.Address)
	if err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	d.onClose("the listener's socket", d.listenerSocket.Close)
	d.publicURL = d.config.Listener.URL
	if d.publicURL == "" {
		scheme := "http"
		if d.access.tls != nil {
			scheme = "https"
		}
		d.publicURL = scheme + "://" + d.listenerSocket.Addr().String()
	}
	return nil
}

// makeListener makes the listener, once the paths of all hosts are known.
func (d *Daemon) makeListener(context.Context) error {
	d.listener = listener.New(listener.HandlerFunc(d.keep), &listener.Options{
		Paths:      slices.Collect(maps.Keys(d.hostOf)),
		AllowFunc:  d.access.senders.allowFunc(),
		Users:      d.access.users,
		TLS:        d.access.tls,
		ClientPins: d.access.pins,
		Resolve:    func(i *listener.Indication) string { return d.hostOf[i.Path] },
		OnAnswer:   d.answered,
		Lend:       true, // the journal keeps copies
		Logger:     d.log.With("component", "listener"),
		Now:        d.now,
	})
	return nil
}

// serveListener serves the listener and returns what drains it.
func (d *Daemon) serveListener(failed chan<- error) func(context.Context) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := d.listener.Serve(d.listenerSocket); err != nil {
			failed <- fmt.Errorf("listener: %w", err)
		}
	}()
	return func(ctx context.Context) error {
		err := d.listener.Shutdown(ctx)
		<-ended
		if err != nil {
			return fmt.Errorf("drain the listener: %w", err)
		}
		return nil
	}
}

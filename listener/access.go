package listener

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"github.com/cimwatch/cimwatch/cimxml"
)

// realm is what Basic authentication asks for.
var realm = []string{`Basic realm="indications", charset="UTF-8"`}

// allows reports whether an address may send. One that is not known, as behind a Unix
// socket, is left to whoever guards that.
func (s *Server) allows(addr netip.Addr) bool {
	if len(s.opts.Allow) == 0 && s.opts.AllowFunc == nil || !addr.IsValid() {
		return true
	}
	addr = addr.WithZone("")
	inside := func(p netip.Prefix) bool { return p.Contains(addr) }
	return slices.ContainsFunc(s.opts.Allow, inside) || s.opts.AllowFunc != nil && s.opts.AllowFunc(addr)
}

// checkAccess checks who sends a request. It comes before the path, which tells nothing
// to those who may not send.
func (s *Server) checkAccess(x *exchange) error {
	if !s.allows(x.remote.Addr()) {
		return reject(forbiddenAddress, "")
	}
	if len(s.users) > 0 && !s.authenticated(x.request) {
		return reject(unauthorized, "")
	}
	return nil
}

// A credential is what the hash of a user and password is.
type credential [2 * sha256.Size]byte

func credentialOf(user, password string) (c credential) {
	name, secret := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	copy(c[:], name[:])
	copy(c[sha256.Size:], secret[:])
	return c
}

func credentials(users map[string]string) []credential {
	list := make([]credential, 0, len(users))
	for user, password := range users {
		list = append(list, credentialOf(user, password))
	}
	return list
}

// authenticated compares with all users, so that the time it takes tells nothing.
func (s *Server) authenticated(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	if !ok {
		return false
	}
	got, found := credentialOf(user, password), 0
	for i := range s.users {
		found |= subtle.ConstantTimeCompare(got[:], s.users[i][:])
	}
	return found == 1
}

// A Pin is the SHA-256 of a certificate.
type Pin [sha256.Size]byte

// ParsePin reads a pin in hex, with or without colons, as openssl and browsers show it.
func ParsePin(text string) (Pin, error) {
	sum, err := cimxml.ParseFingerprint(text)
	return Pin(sum), err
}

// String returns the pin in hex with colons.
func (p Pin) String() string { return cimxml.FormatFingerprint(p) }

// errNotPinned ends a handshake.
var errNotPinned = errors.New("the client's certificate is not among those pinned")

// tlsConfig returns the TLS settings of the server: TLS 1.2 and up, session tickets on
// unless they were turned off, and only clients whose certificate is pinned, if any is.
func (o *Options) tlsConfig() *tls.Config {
	if o.TLS == nil {
		return nil
	}
	config := o.TLS.Clone()
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	if len(o.ClientPins) == 0 {
		return config
	}
	if config.ClientAuth < tls.RequireAnyClientCert {
		config.ClientAuth = tls.RequireAnyClientCert
	}
	before, pins := config.VerifyConnection, slices.Clone(o.ClientPins)
	config.VerifyConnection = func(state tls.ConnectionState) error { // runs for resumed sessions, too
		if len(state.PeerCertificates) == 0 || !slices.Contains(pins, Pin(sha256.Sum256(state.PeerCertificates[0].Raw))) {
			return errNotPinned
		}
		if before != nil {
			return before(state)
		}
		return nil
	}
	return config
}

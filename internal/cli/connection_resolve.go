package cli

import (
	"fmt"
	"strings"
)

// resolve returns the URL of a CIM server that is named by its URL or, after an @, by the name
// of a connection, whose other parts then stand in for flags that were not given.
func (f *connectionFlags) resolve(env *Env, server string) (url string, err error) {
	name, named := strings.CutPrefix(server, "@")
	if !named {
		return server, nil
	}
	file, err := readConnections(env)
	if err != nil {
		return "", err
	}
	c, ok := file.Connections[name]
	if !ok {
		return "", unknownConnection(name)
	}
	if c.Password != "" && file.open {
		return "", withHint(fmt.Errorf("connection %s: others can read its password in %s", name, file.name),
			"run: chmod 600 "+file.name+"; and change the password, if others have seen it")
	}
	f.take(&c)
	return c.URL, nil
}

func unknownConnection(name string) error {
	return withHint(usage(fmt.Errorf("no connection is named %q", printable(name))),
		`list the connections with "cimwatch connection list"`)
}

// take fills what no flag says from a named connection. Another user than the connection's
// has another password, and one way to trust the server replaces another.
func (f *connectionFlags) take(c *savedConnection) {
	if !f.changed("user") {
		f.user = c.User
		if !f.changed("password-file") {
			f.passwordFile, f.saved = c.PasswordFile, c.Password
		}
	}
	f.takeTrust(c)
	if !f.changed("proxy") && !f.changed("socket") {
		f.network = networkFlags{proxy: c.Proxy, socket: c.Socket}
	}
	if !f.changed("namespace") && c.Namespace != "" {
		f.namespace = c.Namespace
	}
	if !f.changed("timeout") && c.Timeout > 0 {
		f.timeout = c.Timeout
	}
}

func (f *connectionFlags) takeTrust(c *savedConnection) {
	if !f.changed("ca") && !f.changed("fingerprint") && !f.changed("insecure") {
		f.trust.Authorities, f.trust.Fingerprint, f.trust.Insecure = c.CA, c.Fingerprint, c.Insecure
	}
	if !f.changed("client-cert") && !f.changed("client-key") {
		f.trust.Certificate, f.trust.Key = c.ClientCert, c.ClientKey
	}
	if !f.changed("tls-min") {
		f.trust.MinVersion = c.TLSMin
	}
}

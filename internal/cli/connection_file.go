package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// savedConnection is how to reach a CIM server, kept under a name. Its fields mean what the
// flags of the same name do.
type savedConnection struct {
	URL          string        `yaml:"url"`
	User         string        `yaml:"user,omitempty"`
	Password     string        `yaml:"password,omitempty"`
	PasswordFile string        `yaml:"password_file,omitempty"`
	CA           string        `yaml:"ca,omitempty"`
	Fingerprint  string        `yaml:"fingerprint,omitempty"`
	Insecure     bool          `yaml:"insecure,omitempty"`
	Namespace    string        `yaml:"namespace,omitempty"`
	Timeout      time.Duration `yaml:"timeout,omitempty"`
}

// connectionFile is the content of the file of named connections.
type connectionFile struct {
	Connections map[string]savedConnection `yaml:"connections"`
}

// connectionFileName returns where named connections are kept: in the user's folder for
// configuration, as the XDG Base Directory Specification finds it.
func connectionFileName(env *Env) (string, error) {
	dir := env.getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) { // the specification says to ignore others
		home := env.getenv("HOME")
		if home == "" {
			return "", errors.New("find the named connections: neither $XDG_CONFIG_HOME nor $HOME is set")
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "cimwatch", "connections.yaml"), nil
}

// readConnections returns the named connections, none where there is no file. It refuses a
// file that holds a password and is open to others.
func readConnections(env *Env) (connectionFile, error) {
	var f connectionFile
	name, err := connectionFileName(env)
	if err != nil {
		return f, err
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, fmt.Errorf("read the named connections: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		// The error quotes the file, in which there may be a password.
		return connectionFile{}, fmt.Errorf("read the named connections: %s: %s", name, firstLine(err))
	}
	info, err := os.Stat(name)
	if err != nil {
		return f, fmt.Errorf("read the named connections: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 && f.secret() {
		return connectionFile{}, withHint(
			fmt.Errorf("read the named connections: others can read the passwords in %s", name), "run: chmod 600 "+name)
	}
	return f, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// secret reports whether a password stands in the file.
func (f *connectionFile) secret() bool {
	for _, c := range f.Connections {
		if c.Password != "" {
			return true
		}
	}
	return false
}

// write replaces the file, which only its owner can read.
func (f *connectionFile) write(env *Env) error {
	name, err := connectionFileName(env)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := yaml.NewEncoder(&text).Encode(f); err != nil {
		return fmt.Errorf("write the named connections: %w", err)
	}
	if err := replaceFile(name, text.Bytes()); err != nil {
		return fmt.Errorf("write the named connections: %w", err)
	}
	return nil
}

// replaceFile writes a file that only its owner can read, wholly or not at all.
func replaceFile(name string, text []byte) (err error) {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	if _, err := file.Write(text); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

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
	if !f.changed("ca") && !f.changed("fingerprint") && !f.changed("insecure") {
		f.ca, f.fingerprint, f.insecure = c.CA, c.Fingerprint, c.Insecure
	}
	if !f.changed("namespace") && c.Namespace != "" {
		f.namespace = c.Namespace
	}
	if !f.changed("timeout") && c.Timeout > 0 {
		f.timeout = c.Timeout
	}
}

package cli

import (
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
	ClientCert   string        `yaml:"client_cert,omitempty"`
	ClientKey    string        `yaml:"client_key,omitempty"`
	TLSMin       string        `yaml:"tls_min,omitempty"`
	Proxy        string        `yaml:"proxy,omitempty"`
	Socket       string        `yaml:"socket,omitempty"`
	Namespace    string        `yaml:"namespace,omitempty"`
	Timeout      time.Duration `yaml:"timeout,omitempty"`
}

// connectionFile is the content of the file of named connections.
type connectionFile struct {
	Connections map[string]savedConnection `yaml:"connections"`

	name string // of the file
	open bool   // others than its owner can read or write it
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

// readConnections returns the named connections, none where there is no file.
func readConnections(env *Env) (connectionFile, error) {
	name, err := connectionFileName(env)
	if err != nil {
		return connectionFile{}, err
	}
	f := connectionFile{name: name}
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
	f.open = info.Mode().Perm()&0o077 != 0
	return f, nil
}

// exposed reports whether others can read passwords in the file.
func (f *connectionFile) exposed() bool { return f.open && f.secret() }

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

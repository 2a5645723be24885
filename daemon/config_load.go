package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// maxConfig bounds the configuration file: 10,000 hosts take about 2 MB.
const maxConfig = 16 << 20

// LoadConfig reads a configuration file. Keys that are not known are refused. Relative
// files in it are taken from the folder that the configuration is in. What is wrong with
// its contents is a [ConfigError].
func LoadConfig(file string) (*Config, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(text) > maxConfig {
		return nil, whole(file, fmt.Sprintf("the file is larger than %d bytes", maxConfig))
	}
	c, err := ParseConfig(file, text)
	if err != nil {
		return nil, err
	}
	c.resolveFiles(filepath.Dir(file))
	return c, nil
}

// ParseConfig reads the text of a configuration; file is for errors. Files that it names
// are left as they stand.
func ParseConfig(file string, text []byte) (*Config, error) {
	c := &Config{}
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, configError(file, text, err)
	}
	if err := d.Decode(&Config{}); !errors.Is(err, io.EOF) {
		return nil, whole(file, "a second document follows; only one is read")
	}
	c.complete()
	if len(c.check()) > 0 {
		return nil, configError(file, text, nil)
	}
	return c, nil
}

// resolveFiles makes relative files relative to dir.
func (c *Config) resolveFiles(dir string) {
	files := []*string{
		&c.Store.File, &c.Store.Postgres.PasswordFile, &c.Listener.Certificate, &c.Listener.Key, &c.Listener.ClientCA, &c.Metrics.WebConfig,
	}
	for i := range c.Listener.Users {
		files = append(files, &c.Listener.Users[i].PasswordFile)
	}
	for i := range c.Hosts {
		files = append(files, &c.Hosts[i].PasswordFile, &c.Hosts[i].CA)
	}
	for _, f := range files {
		if *f != "" && !filepath.IsAbs(*f) {
			*f = filepath.Join(dir, *f)
		}
	}
}

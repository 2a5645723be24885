package daemon

import (
	"io"
	"os"

	"github.com/goccy/go-yaml"
)

// maxWebConfig bounds the file that says who may use the API.
const maxWebConfig = 1 << 20

// mayBackUp says whether backups are served. The file may have changed since the start, and
// is read for every request by who asks for authentication, too.
func (d *Daemon) mayBackUp() bool {
	return d.config.Metrics.Backup && authenticates(d.config.Metrics.WebConfig)
}

// authenticates says whether a file in the form of Prometheus exporters asks everybody for
// authentication.
func authenticates(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read from
	var config struct {
		TLS struct {
			ClientAuth string `yaml:"client_auth_type"`
		} `yaml:"tls_server_config"`
		Users map[string]string `yaml:"basic_auth_users"`
	}
	if err := yaml.NewDecoder(io.LimitReader(f, maxWebConfig)).Decode(&config); err != nil {
		return false
	}
	return len(config.Users) > 0 || config.TLS.ClientAuth == "RequireAndVerifyClientCert"
}

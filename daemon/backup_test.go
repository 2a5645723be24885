package daemon_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/daemon"
)

// guard lets the account ops with the password "watch" alone at metrics and API.
const guard = "basic_auth_users:\n  ops: $2a$04$KBP9JxkLgXO6h8iX/vMnIOFyvrqO4FBKJ8IzwBXq1MV7n6RUA.lgS\n"

// TestBackupNeedsAnAccount serves backups where the configuration says so, to who signs in.
func TestBackupNeedsAnAccount(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	d := start(t, config, nil)
	if status, _ := d.get("/api/v1/backup"); status != http.StatusNotFound {
		t.Errorf("where it is not switched on: %d, want 404", status)
	}

	config = configFor(t, h.url)
	config.Name = "other"
	config.Metrics.Backup = true
	config.Metrics.WebConfig = filepath.Join(t.TempDir(), "web.yaml")
	write(t, config.Metrics.WebConfig, guard)
	d = start(t, config, nil)
	d.awaitSubscribed(hostName)
	url := "http://" + d.MetricsAddr().String() + "/api/v1/backup"
	if status, body := get(t, url); status != http.StatusUnauthorized || len(body) > 100 {
		t.Errorf("without an account: %d, want 401", status)
	}
	signedIn := strings.Replace(url, "://", "://ops:watch@", 1)
	if status, body := get(t, signedIn); status != http.StatusOK || len(body) < 1<<15 {
		t.Errorf("with an account: %d and %d bytes", status, len(body))
	}
	write(t, config.Metrics.WebConfig, "# everybody may come in\n")
	if status, body := get(t, url); status != http.StatusForbidden || len(body) > 100 {
		t.Errorf("where nobody is asked any more: %d, want 403", status)
	}
}

// TestBackupIsNotServedToEverybody refuses a configuration that would.
func TestBackupIsNotServedToEverybody(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no accounts": "http_server_config: {http2: false}\n", "no user": "basic_auth_users: {}\n",
	} {
		config := configFor(t, "http://127.0.0.1:1")
		config.Metrics.Backup = true
		config.Metrics.WebConfig = filepath.Join(t.TempDir(), "web.yaml")
		write(t, config.Metrics.WebConfig, text)
		d, err := daemon.New(t.Context(), config, nil)
		if err == nil {
			t.Fatalf("%s: %v was started", name, d.MetricsAddr())
		}
		if !strings.Contains(err.Error(), "web.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

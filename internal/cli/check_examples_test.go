package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/inventory"
)

// monitoring returns a function that runs a script of examples/monitoring with this program.
func monitoring(t *testing.T, env ...string) func(script string, args ...string) (stdout, stderr string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "cimwatch") // the name that TestMain knows
	if err := os.Symlink(program, name); err != nil {
		t.Fatal(err)
	}
	return func(script string, args ...string) (string, string) {
		t.Helper()
		var out, stderr strings.Builder
		cmd := exec.CommandContext(t.Context(), "sh", append([]string{filepath.Join("..", "..", "examples", "monitoring", script)}, args...)...)
		cmd.Env = append(os.Environ(), "CIMWATCH="+name, "GORACE=atexit_sleep_ms=0")
		cmd.Env = append(cmd.Env, env...)
		cmd.Stdout, cmd.Stderr = &out, &stderr
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
		return out.String(), stderr.String()
	}
}

// TestZabbixExample reads the state as dependent items do.
func TestZabbixExample(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := monitoring(t, "CIMWATCH_USER=root", "CIMWATCH_PASSWORD_FILE="+password)
	for host, code := range map[string]int{checkModel(t, "hp-disk").URL(): 2, "http://127.0.0.1:1": 3} {
		out, stderr := run("zabbix-cimwatch.sh", host)
		var report struct {
			Code *int `json:"code"`
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || report.Code == nil || *report.Code != code || stderr != "" {
			t.Errorf("%s: %v, %s%s", host, err, out, stderr)
		}
	}
}

// TestPrometheusExample has a file for each host, and none for one that is not known.
func TestPrometheusExample(t *testing.T) {
	config, files := t.TempDir(), t.TempDir()
	text := "connections:\n  good: {url: \"" + checkModel(t, "blade").URL() + "\"}\n  dead: {url: \"http://127.0.0.1:1\"}\n"
	if err := os.MkdirAll(filepath.Join(config, "cimwatch"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "cimwatch", "connections.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, stderr := monitoring(t, "XDG_CONFIG_HOME="+config)("prometheus.sh", files, "good", "dead", "nobody")
	if out != "" || !strings.HasPrefix(stderr, `UNKNOWN - no connection is named "nobody"`) {
		t.Errorf("it said %s%s", out, stderr)
	}
	for name, line := range map[string]string{
		"cimwatch-good.prom": `cimwatch_check_state{host="127.0.0.1"} 0`, "cimwatch-dead.prom": `cimwatch_check_state{host="127.0.0.1"} 3`,
	} {
		got, err := os.ReadFile(filepath.Join(files, name))
		if err != nil || !strings.Contains(string(got), line+"\n") {
			t.Errorf("%s: %v, %s", name, err, got)
		}
	}
	if left, err := os.ReadDir(files); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
}

// TestCheckDocument holds what docs/check.md says is read to what is.
func TestCheckDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "check.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "with all that derive from them on the server:\n\n")
	section, _, _ = strings.Cut(section, "\n\n")
	if want := "`" + strings.Join(inventory.Classes(), "`, `") + "`."; strings.Join(strings.Fields(section), " ") != want {
		t.Errorf("the document lists\n%s\nand these are read:\n%s", section, want)
	}
}

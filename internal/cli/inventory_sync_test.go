package cli_test

import (
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/internal/cli"
)

// TestInventorySync has a daemon look at its host, and names one that it does not have.
func TestInventorySync(t *testing.T) {
	w := watch(t)
	for _, args := range [][]string{{"esx1"}, {}} {
		if text := run(t, append([]string{"inventory", "sync", "--address", w.address}, args...)...); text != "" {
			t.Errorf("it says %q", text)
		}
	}
	var stdout, stderr strings.Builder
	code := cli.Run(t.Context(), []string{"inventory", "sync", "esx9", "--address", w.address}, cli.Env{Stdout: &stdout, Stderr: &stderr})
	if want := "error: look at host esx9: "; code != cli.ExitFailed || !strings.HasPrefix(stderr.String(), want) ||
		!strings.HasSuffix(stderr.String(), "hint: \"cimwatch inventory hosts\" lists those that there are\n") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

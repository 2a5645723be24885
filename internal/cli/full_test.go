package cli_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/internal/cli"
)

// TestDiskFull says what the matter is where there is no room.
func TestDiskFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer func() { _ = full.Close() }() // nothing can be written to it
	var stderr strings.Builder
	code := cli.Run(t.Context(), []string{"version", "-o", "json"}, cli.Env{Stdout: full, Stderr: &stderr})
	if said := stderr.String(); code != cli.ExitFailed || !strings.Contains(said, "\nhint: there is no room left ") {
		t.Errorf("exit code %d\n%s", code, said)
	}
}

package daemon_test

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/internal/cli"
)

// serveEnv makes the test binary run cimwatch serve with the configuration it names, as a
// process that can be killed.
const serveEnv = "CIMWATCH_TEST_SERVE"

func TestMain(m *testing.M) {
	if config := os.Getenv(serveEnv); config != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		code := cli.Run(ctx, []string{"serve", "-c", config}, cli.SystemEnv())
		stop()
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}

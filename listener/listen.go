package listener

import (
	"context"
	"net"
)

// Listen opens a TCP port for Serve, such as ":5990", with as long a backlog of
// connections as the system allows. It leaves out TCP keep-alives, which the time limits
// of a Server replace: setting them takes four calls for each connection.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	config := net.ListenConfig{KeepAlive: -1}
	return config.Listen(ctx, "tcp", addr)
}

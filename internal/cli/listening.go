package cli

import (
	"fmt"
	"net"
)

// listening says on which port something has been started: "Listener started on port 5990".
// Scripts read the port from it.
func listening(what string, address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok {
		return fmt.Sprintf("%s started on port %d", what, tcp.Port)
	}
	return fmt.Sprintf("%s started on %s", what, address)
}

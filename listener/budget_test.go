package listener_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/listener"
)

// Many senders of large bodies at once are bounded together: who finds no room is told to
// come back, small ones are not hindered, and room that is given back is used again.
func TestLargeBodiesShareABudget(t *testing.T) {
	entered, release := make(chan struct{}, 4), make(chan struct{})
	_, addr := start(t, listener.HandlerFunc(func(_ context.Context, i *listener.Indication) error {
		if len(i.Raw) > 100<<10 {
			entered <- struct{}{}
			<-release
		}
		return nil
	}), &listener.Options{MaxBodies: 768 << 10})

	large := withBody(alert + strings.Repeat(" ", 300<<10))
	first := dial(t, addr)
	first.send(t, large)
	<-entered

	if got := ask(t, addr, large); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
		t.Errorf("a second large body is answered\n%s", got.raw)
	}
	if got := ask(t, addr, withBody(alert)); got.StatusCode != 200 {
		t.Errorf("a small body is answered\n%s", got.raw)
	}
	close(release)
	if got := first.receive(t, "POST"); got.StatusCode != 200 {
		t.Errorf("the first large body is answered\n%s", got.raw)
	}
	if got := ask(t, addr, large); got.StatusCode != 200 {
		t.Errorf("a large body behind the first is answered\n%s", got.raw)
	}
}

package listener_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/listener"
)

// TestLend checks, with many senders at once, that what is lent is whole while it is.
func TestLend(t *testing.T) {
	const senders, each = 8, 40
	seen := make(chan string, senders*each)
	handle := func(ctx context.Context, i *listener.Indication) error {
		e, err := cimxml.DecodeExport(i.Raw)
		if err != nil || !e.Indication.Equal(i.Instance) || ctx.Err() != nil {
			return fmt.Errorf("%w: %v, %v", errors.New("not what came"), e, i.Instance)
		}
		if i.Instance.Text("Wait") != "" {
			<-ctx.Done() // a context that was waited for is not lent again
			return ctx.Err()
		}
		seen <- i.Instance.Class
		return nil
	}
	server, addr := start(t, listener.HandlerFunc(handle), &listener.Options{Lend: true, HandleTimeout: time.Second})
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			c := dial(t, addr)
			for n := range each {
				class := fmt.Sprintf("S%d_%d", s, n)
				properties := ""
				for p := range n % 5 {
					properties += fmt.Sprintf(`<PROPERTY NAME="P%d" TYPE="string"><VALUE>%s</VALUE></PROPERTY>`, p, class)
				}
				c.send(t, withBody(export(class, properties)))
				if got := c.receive(t, "POST"); got.StatusCode != 200 {
					t.Errorf("%s: answered\n%s", class, got.raw)
				}
			}
		})
	}
	c := dial(t, addr)
	c.send(t, withBody(export("X", `<PROPERTY NAME="Wait" TYPE="string"><VALUE>x</VALUE></PROPERTY>`)))
	if got := c.receive(t, "POST"); got.StatusCode != 503 {
		t.Errorf("status %d", got.StatusCode)
	}
	wg.Wait()
	close(seen)
	classes := slices.Collect(func(yield func(string) bool) {
		for class := range seen {
			if !yield(class) {
				return
			}
		}
	})
	slices.Sort(classes)
	if n := len(slices.Compact(classes)); n != senders*each || server.Stats().Indications != senders*each {
		t.Errorf("%d arrived, %+v", n, server.Stats())
	}
}

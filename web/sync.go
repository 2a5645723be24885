package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
)

// Sync has hosts looked at without delay, all when none is named, and does not wait for
// that. The error is ErrNotFound when there is one that is not known.
type Sync func(hosts ...string) error

// mostSyncHosts bounds the names in a request; who means more means all.
const mostSyncHosts = 1000

// NewSyncHandler returns the handler of /api/v1/sync. A nil logger logs nothing. What a page
// of another site has a browser send is refused with 403 Forbidden.
func NewSyncHandler(sync Sync, logger *slog.Logger) http.Handler {
	a := newAPI(logger)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/sync", a.only(func(w http.ResponseWriter, r *http.Request) {
		hosts := r.URL.Query()["host"]
		if len(hosts) > mostSyncHosts {
			a.reply(w, r, nil, badRequest{errors.New("too many hosts")})
			return
		}
		a.reply(w, r, struct{}{}, sync(hosts...))
	}, "host"))
	return http.NewCrossOriginProtection().Handler(mux)
}

// Sync has the daemon look at hosts without delay, at all when none is named: at their
// subscriptions, at which classes of hardware they have, and at the instances of these. It
// does not wait for that. The error is ErrNotFound when there is a host that the daemon does
// not have; the others are looked at all the same.
func (c *Client) Sync(ctx context.Context, hosts ...string) error {
	resp, err := c.send(ctx, &c.http, question{method: http.MethodPost, name: "sync", query: url.Values{"host": hosts}})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

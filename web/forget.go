package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
)

// ErrConfigured says that a daemon does not forget a host, for its configuration has it.
var ErrConfigured = errors.New("the configuration has it")

// ForgottenHost is a host that goes from the inventory, and how much goes with it.
type ForgottenHost struct {
	Host       string `json:"host"`
	Components int    `json:"components"` // that are there
	Changes    int    `json:"changes"`
}

// Forget removes hosts from the inventory and returns what went, or with preview only what would.
// The error is ErrNotFound or ErrConfigured for hosts that cannot be forgotten.
type Forget func(ctx context.Context, preview bool, hosts ...string) ([]ForgottenHost, error)

// mostForgotten bounds the names in a request, so that it is answered soon enough.
const mostForgotten = 200

type forgetReply struct {
	Hosts []ForgottenHost `json:"hosts"`
}

// NewForgetHandler returns the handler of /api/v1/forget. allowed is asked each time: what was
// forgotten is nowhere else. What a page of another site has a browser send is refused. Why hosts
// cannot be forgotten goes to the logger; nil: nothing is logged.
func NewForgetHandler(forget Forget, allowed func() bool, logger *slog.Logger) http.Handler {
	a := newAPI(logger)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/forget", a.only(func(w http.ResponseWriter, r *http.Request) {
		if !allowed() {
			a.reply(w, r, nil, fmt.Errorf("forget: %w", ErrForbidden))
			return
		}
		hosts, preview, err := forgetQuery(r.URL.Query())
		if err != nil {
			a.reply(w, r, nil, badRequest{err})
			return
		}
		list, err := forget(r.Context(), preview, hosts...)
		a.reply(w, r, forgetReply{list}, err)
	}, "host", "preview"))
	return http.NewCrossOriginProtection().Handler(mux)
}

func forgetQuery(q url.Values) (hosts []string, preview bool, err error) {
	hosts = q["host"]
	switch {
	case len(hosts) == 0:
		return nil, false, errors.New("no host is named")
	case len(hosts) > mostForgotten:
		return nil, false, errors.New("too many hosts")
	}
	preview, err = flagParameter(q, "preview")
	return hosts, preview, err
}

// Forget has the daemon remove hosts from its inventory, and returns what went; with preview it
// returns what would. The error is ErrForbidden when the daemon asks nobody for authentication or
// does not let this account, ErrNotFound when there is no such host, and ErrConfigured when its
// configuration has one: then none is forgotten, but for those of an earlier request of 200 each.
func (c *Client) Forget(ctx context.Context, preview bool, hosts ...string) ([]ForgottenHost, error) {
	list := []ForgottenHost{}
	for len(hosts) > 0 {
		part := hosts[:min(len(hosts), mostForgotten)]
		hosts = hosts[len(part):]
		query := url.Values{"host": part}
		if preview {
			query.Set("preview", "true")
		}
		resp, err := c.send(ctx, &c.http, question{method: http.MethodPost, name: "forget", query: query})
		if err != nil {
			return list, err
		}
		var r forgetReply
		if err := decodeReply(resp, &r); err != nil {
			return list, err
		}
		list = append(list, r.Hosts...)
	}
	return list, nil
}

package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// HostSubscriptions is how the subscriptions of a host stand, as the API shows it.
type HostSubscriptions struct {
	Host           string    `json:"host"`
	URL            string    `json:"url"`
	State          string    `json:"state"` // "subscribed", "failing", ...
	Since          time.Time `json:"since,omitzero"`
	Reason         string    `json:"reason,omitempty"` // kind of the failure
	Detail         string    `json:"detail,omitempty"` // what it was
	Interop        string    `json:"interop,omitempty"`
	Declared       int       `json:"declared"`           // subscriptions that there should be
	Standing       int       `json:"standing"`           // of those, seen to stand at the last look
	Looked         time.Time `json:"looked,omitzero"`    // end of the last look
	Next           time.Time `json:"next_look,omitzero"` // when it is looked at next, if nothing calls for it sooner
	LastIndication time.Time `json:"last_indication,omitzero"`
	Notes          []string  `json:"notes,omitempty"` // what is amiss with its configuration
}

// Hosts is who knows how subscriptions stand, by name of the host.
type Hosts func(ctx context.Context) ([]HostSubscriptions, error)

type subscriptionsReply struct {
	Hosts []HostSubscriptions `json:"hosts"`
}

// NewSubscriptionsHandler returns the handler of /api/v1/subscriptions. Why the hosts
// cannot be read goes to the logger; nil: nothing is logged.
func NewSubscriptionsHandler(hosts Hosts, logger *slog.Logger) http.Handler {
	a := newAPI(logger)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/subscriptions", a.only(func(w http.ResponseWriter, r *http.Request) {
		all, err := hosts(r.Context())
		a.reply(w, r, subscriptionsReply{all}, err)
	}))
	return mux
}

// Subscriptions returns how the subscriptions of all hosts of the daemon stand.
func (c *Client) Subscriptions(ctx context.Context) ([]HostSubscriptions, error) {
	var r subscriptionsReply
	err := c.get(ctx, "subscriptions", nil, &r)
	return r.Hosts, err
}

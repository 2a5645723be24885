package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/cimwatch/cimwatch/inventory"
)

// ErrNotFound says that there is no such host or component.
var ErrNotFound = errors.New("not found")

// Source is what the API shows.
type Source interface {
	// Hosts returns all hosts, by name.
	Hosts(ctx context.Context) ([]Host, error)
	// Components yields the components of a host, or of all hosts when host is "".
	Components(ctx context.Context, host string) iter.Seq2[inventory.Component, error]
	// Find yields the components that a query selects, in its order.
	Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error]
	// Component returns one component, ErrNotFound when there is none.
	Component(ctx context.Context, host, id string) (inventory.Component, error)
	// History yields the changes of a component, of a host when id is "", or of all
	// when host is "" too, the oldest of each host first.
	History(ctx context.Context, host, id string) iter.Seq2[inventory.Change, error]
}

// Local answers like a [Client] out of a Source of this process.
type Local struct{ Source Source }

// Hosts returns all hosts.
func (l Local) Hosts(ctx context.Context) ([]Host, error) { return l.Source.Hosts(ctx) }

// Components returns the components of a host, or of all hosts when host is "".
func (l Local) Components(ctx context.Context, host string) ([]Component, error) {
	views := []Component{}
	for c, err := range l.Source.Components(ctx, host) {
		if err != nil {
			return nil, err
		}
		views = append(views, NewComponent(&c))
	}
	return views, nil
}

// Component returns one component.
func (l Local) Component(ctx context.Context, host, id string) (Component, error) {
	c, err := l.Source.Component(ctx, host, id)
	if err != nil {
		return Component{}, err
	}
	return NewComponent(&c), nil
}

// History returns changes, oldest first.
func (l Local) History(ctx context.Context, host, id string) ([]Change, error) {
	return l.Changes(ctx, ChangeFilter{Host: host, ID: id})
}

// NewHandler returns the handler of the paths below /api/v1/. Why a source cannot be read
// goes to the logger, not to whoever asks; nil: nothing is logged.
func NewHandler(source Source, logger *slog.Logger) http.Handler {
	local, a := Local{Source: source}, newAPI(logger)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/hosts", a.only(func(w http.ResponseWriter, r *http.Request) {
		hosts, err := local.Hosts(r.Context())
		a.reply(w, r, hostsReply{hosts}, err)
	}))
	components := componentsAPI{a, local}
	mux.HandleFunc("GET /api/v1/components", a.only(a.streamed(components.get), append(inventory.ParameterNames(), "where", "format", "at")...))
	mux.HandleFunc("GET /api/v1/component", a.only(func(w http.ResponseWriter, r *http.Request) {
		component, err := local.componentAsked(r.Context(), r.URL.Query())
		a.reply(w, r, component, err)
	}, "host", "id"))
	mux.HandleFunc("GET /api/v1/history", a.only(func(w http.ResponseWriter, r *http.Request) {
		changes, err := local.changesAsked(r.Context(), r.URL.Query())
		a.reply(w, r, changesReply{changes}, err)
	}, "host", "id", "since", "until", "kind", "change"))
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		a.reply(w, r, nil, fmt.Errorf("%s: %w", r.URL.Path, ErrNotFound))
	})
	return mux
}

// componentAsked returns the component that parameters name.
func (l Local) componentAsked(ctx context.Context, values url.Values) (Component, error) {
	for _, name := range []string{"host", "id"} {
		if values.Get(name) == "" {
			return Component{}, badRequest{fmt.Errorf("%s: it is missing", name)}
		}
	}
	host, err := l.hostNamed(ctx, values.Get("host"))
	if err != nil {
		return Component{}, err
	}
	component, err := l.Component(ctx, host, values.Get("id"))
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("component %.200q of host %s: %w", values.Get("id"), host, ErrNotFound)
	}
	return component, err
}

// changesAsked returns the changes that parameters choose.
func (l Local) changesAsked(ctx context.Context, values url.Values) ([]Change, error) {
	filter, err := changeFilter(values)
	if err != nil {
		return nil, badRequest{err}
	}
	if filter.ID != "" && filter.Host == "" {
		return nil, badRequest{errors.New("id: the host is missing, whose component it is")}
	}
	if filter.Host, err = l.hostNamed(ctx, filter.Host); err != nil {
		return nil, err
	}
	return l.Changes(ctx, filter)
}

type hostsReply struct {
	Hosts []Host `json:"hosts"`
}

type changesReply struct {
	Changes []Change `json:"changes"`
}

type errorReply struct {
	Error string `json:"error"`
}

// A badRequest is an error of whoever asks.
type badRequest struct{ error }

type api struct{ log *slog.Logger }

// newAPI returns an api that logs to a logger; nil: nothing is logged.
func newAPI(logger *slog.Logger) api { return api{cmp.Or(logger, slog.New(slog.DiscardHandler))} }

func (a api) reply(w http.ResponseWriter, r *http.Request, v any, err error) {
	status := http.StatusOK
	_, bad := errors.AsType[badRequest](err)
	switch {
	case errors.Is(err, ErrNotFound):
		status, v = http.StatusNotFound, errorReply{err.Error()}
	case errors.Is(err, ErrForbidden):
		status, v = http.StatusForbidden, errorReply{err.Error()}
	case errors.Is(err, ErrConfigured):
		status, v = http.StatusConflict, errorReply{err.Error()}
	case bad:
		status, v = http.StatusBadRequest, errorReply{err.Error()}
	case errors.Is(err, ErrTooMany):
		status, v = http.StatusServiceUnavailable, errorReply{err.Error()}
	case err != nil:
		if r.Context().Err() == nil { // else the peer is gone
			a.log.Error("inventory cannot be read", "path", r.URL.Path, "error", err)
		}
		status, v = http.StatusInternalServerError, errorReply{"the inventory cannot be read"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the peer is gone; there is nobody to tell
}

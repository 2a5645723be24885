package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// NewUpdatesHandler returns the handler of /api/v1/updates. Why an answer was broken off goes to
// the logger; nil: nothing is logged.
func NewUpdatesHandler(updates Updates, logger *slog.Logger) http.Handler {
	a := updatesAPI{newAPI(logger), updates}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/updates", a.only(a.streamed(a.get), "after", "follow", "host", "kind"))
	return mux
}

type updatesAPI struct {
	api
	updates Updates
}

// get writes one update a line, those that are there, and with follow those that come.
func (a updatesAPI) get(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	follow, err := flagParameter(values, "follow")
	if err != nil {
		a.reply(w, r, nil, err)
		return
	}
	s := updateStream{a.updates, UpdateFilter{Hosts: values["host"], Kinds: values["kind"]}, newLineWriter(w)}
	if err := s.run(r.Context(), values.Get("after"), follow); err != nil {
		if !errors.Is(err, errReader) && r.Context().Err() == nil {
			a.log.Error("updates cannot be written", "path", r.URL.Path, "error", err)
		}
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http breaks the answer off, so that its end is taken for none
	}
}

// An updateStream is the answer to one reader. Who reads too slowly misses updates, and is told.
type updateStream struct {
	updates Updates
	filter  UpdateFilter
	w       *lineWriter
}

// run writes until all is written, or with follow until there will be no more.
func (s *updateStream) run(ctx context.Context, cursor string, follow bool) error {
	place, missed := s.updates.Seek(cursor)
	if err := s.w.write(Update{Cursor: place, Missed: missed}); err != nil {
		return err
	}
	for {
		var err error
		if place, err = s.catchUp(place); err != nil || !follow {
			return err
		}
		if s.updates.Wait(ctx, place) != nil {
			return nil //nolint:nilerr // there will be no more, or nobody reads
		}
		if place, missed = s.updates.Seek(place); !missed {
			continue
		}
		if err := s.w.write(Update{Cursor: place, Missed: true}); err != nil {
			return err
		}
	}
}

// catchUp writes what there is behind a place, and returns the place behind that.
func (s *updateStream) catchUp(place string) (string, error) {
	for some := s.updates.After(place); len(some) > 0; some = s.updates.After(place) {
		for n := range some {
			place = some[n].Cursor
			if !s.filter.takes(&some[n]) {
				continue
			}
			if err := s.w.write(newUpdate(&some[n])); err != nil {
				return place, err
			}
		}
	}
	return place, s.w.flush()
}

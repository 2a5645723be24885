package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/inventory"
)

// only refuses requests with parameters that a path does not know: one that is misspelt would
// choose nothing, and the answer would be taken for what was asked for.
func (a api) only(do http.HandlerFunc, known ...string) http.HandlerFunc {
	slices.Sort(known)
	return func(w http.ResponseWriter, r *http.Request) {
		if err := checkParameters(r.URL.RawQuery, known); err != nil {
			a.reply(w, r, nil, badRequest{err})
			return
		}
		do(w, r)
	}
}

func checkParameters(query string, known []string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the parameters are not such of a URL: write NAME=VALUE&NAME=VALUE, with % before what stands for other characters")
	}
	var unknown []string
	for name := range values {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	if len(known) == 0 {
		return fmt.Errorf("unknown parameter %.80q: there are none here", unknown[0])
	}
	return fmt.Errorf("unknown parameter %.80q: choose from %s", unknown[0], strings.Join(known, ", "))
}

// flagParameter reads a parameter that is true or false, "" is false.
func flagParameter(values url.Values, name string) (bool, error) {
	text := values.Get(name)
	if text == "" {
		return false, nil
	}
	yes, err := strconv.ParseBool(text)
	if err != nil {
		return false, badRequest{fmt.Errorf("%s: %.80q is not true or false", name, text)}
	}
	return yes, nil
}

// hostNamed returns the name of a host as the inventory has it, "" for "", and ErrNotFound when
// there is none.
func (l Local) hostNamed(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	known, ok, err := HostNamed(ctx, l, name)
	if err == nil && !ok {
		err = unknownHost(name)
	}
	return known, err
}

// checkHosts returns ErrNotFound for a host that is named, not only a pattern, of which there is
// none.
func (l Local) checkHosts(ctx context.Context, q *inventory.Query) error {
	name, err := UnknownHost(ctx, l, q)
	if err == nil && name != "" {
		err = unknownHost(name)
	}
	return err
}

func unknownHost(name string) error { return fmt.Errorf("host %.80q: %w", name, ErrNotFound) }

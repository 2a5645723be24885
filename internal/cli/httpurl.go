package cli

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const urlHint = "write it like https://HOST or http://HOST:PORT, an IPv6 address in brackets"

// parseHTTPURL returns an http or https URL without credentials, query and fragment. All
// errors are of wrong usage, and none repeats a password.
func parseHTTPURL(raw string) (*url.URL, error) {
	shown := withoutUserinfo(raw)
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// The error's own URL still has the credentials in it.
		if parse, ok := errors.AsType[*url.Error](err); ok {
			err = parse.Err
		}
		if shown != raw {
			// So may its reason, when they are what is wrong.
			err = errors.New("not a URL")
		}
		return nil, urlError(shown, err.Error())
	case u.User != nil:
		return nil, withHint(
			usage(fmt.Errorf("URL %q: a URL must not carry a user or a password", shown)),
			"give the user with -u and the password with --password-file or CIMWATCH_PASSWORD")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, urlError(shown, "the scheme is neither http nor https")
	case u.Hostname() == "":
		return nil, urlError(shown, "no host")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, urlError(shown, "neither a query nor a fragment belongs here")
	case !validPort(u.Port()):
		return nil, urlError(shown, fmt.Sprintf("the port %s is not from 1 to 65535", u.Port()))
	}
	return u, nil
}

func urlError(shown, problem string) error {
	return withHint(usage(fmt.Errorf("URL %q: %s", shown, problem)), urlHint)
}

// validPort accepts no port too.
func validPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// withoutUserinfo returns raw without what stands before the last @, which may be credentials,
// for texts that people read. It works on what does not parse.
func withoutUserinfo(raw string) string {
	at := strings.LastIndexByte(raw, '@')
	if at < 0 {
		return raw
	}
	scheme, _, ok := strings.Cut(raw[:at], "://")
	if !ok {
		return "***" + raw[at:]
	}
	return scheme + "://***" + raw[at:]
}

package cimxml

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const defaultPath = "/cimom" // DSP0200 section 7.1

// parseEndpoint fills in the default port and path and refuses what is no server's URL.
// What may hold a password is in no error: neither anything before an "@" nor a query.
func parseEndpoint(rawURL string) (string, error) {
	if rest, _, _ := strings.Cut(rawURL, "?"); strings.Contains(rest, "@") {
		return "", errors.New("server URL: user and password do not belong into the URL")
	}
	u, err := url.Parse(escapeZone(rawURL))
	if err != nil {
		if cause, ok := errors.AsType[*url.Error](err); ok {
			err = cause.Err
		}
		return "", fmt.Errorf("server URL: %w", err)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("server URL: a query or fragment does not belong into the URL")
	}
	port := "5988"
	switch u.Scheme {
	case "http":
	case "https":
		port = "5989"
	default:
		return "", fmt.Errorf("server URL %q: expected http://HOST or https://HOST", rawURL)
	}
	if u.Hostname() == "" {
		return "", fmt.Errorf("server URL %q: the host is missing", rawURL)
	}
	if u.Port() == "" {
		u.Host = strings.TrimSuffix(u.Host, ":") + ":" + port
	}
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("server URL %q: port %q is not one of 1 to 65535", rawURL, u.Port())
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = defaultPath
	}
	return u.String(), nil
}

// escapeZone escapes the "%" before the zone of an IPv6 address, as RFC 6874 wants it in
// a URL and few people write it.
func escapeZone(rawURL string) string {
	host, rest, ok := strings.Cut(rawURL, "]")
	address, zone, zoned := strings.Cut(host, "%")
	if !ok || !zoned || !strings.Contains(address, "[") || strings.HasPrefix(zone, "25") {
		return rawURL
	}
	return address + "%25" + zone + "]" + rest
}

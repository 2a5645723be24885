package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cimwatch/cimwatch/cimxml"
)

// explainAnswers is an http.RoundTripper that makes errors of the answers that say in a header
// what the client has to do.
type explainAnswers struct{ base http.RoundTripper }

// RoundTrip sends a request.
func (e explainAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := e.base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if err := explainAnswer(answer); err != nil {
		return nil, errors.Join(err, answer.Body.Close())
	}
	return answer, nil
}

// CloseIdleConnections closes those of the transport.
func (e explainAnswers) CloseIdleConnections() {
	if closer, ok := e.base.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// explainAnswer returns an error for an answer whose status is not all there is to know.
func explainAnswer(answer *http.Response) error {
	status := &cimxml.HTTPError{StatusCode: answer.StatusCode}
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		schemes := challenges(answer.Header)
		if len(schemes) == 0 || hasFold(schemes, "Basic") {
			return nil
		}
		offered := strings.Join(schemes, " or ")
		return withHint(&answerError{status, "the server takes " + offered + " authentication only"},
			"cimwatch signs in by Basic authentication: switch that on at the server")
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if location, err := answer.Location(); err == nil {
			return explainRedirect(status, location)
		}
	}
	return nil
}

// explainRedirect says where an answer points to, but for what may be secret there.
func explainRedirect(status *cimxml.HTTPError, location *url.URL) error {
	location.User, location.RawQuery, location.Fragment = nil, "", ""
	to := clip(location.String())
	return withHint(&answerError{status, "the server sends us to " + to},
		"redirects are not followed, so that no password goes elsewhere; if it is the same server, give its URL "+to)
}

// maxHeader bounds what an error repeats of a header.
const maxHeader = 200

func clip(text string) string {
	if len(text) > maxHeader {
		return strings.ToValidUTF8(text[:maxHeader], "") + "..."
	}
	return text
}

// challenges returns the authentication schemes that an answer offers (RFC 9110 section
// 11.6.1): one a header field, as servers send them.
func challenges(header http.Header) []string {
	var schemes []string
	for _, challenge := range header.Values("WWW-Authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		if scheme != "" && len(schemes) < maxChallenges && !hasFold(schemes, scheme) {
			schemes = append(schemes, clip(scheme))
		}
	}
	return schemes
}

// maxChallenges is more than any server offers.
const maxChallenges = 8

func hasFold(list []string, text string) bool {
	for _, s := range list {
		if strings.EqualFold(s, text) {
			return true
		}
	}
	return false
}

// answerError is an HTTP status with what a header says about it.
type answerError struct {
	status *cimxml.HTTPError
	says   string
}

func (e *answerError) Error() string { return fmt.Sprintf("%v: %s", e.status, e.says) }
func (e *answerError) Unwrap() error { return e.status }

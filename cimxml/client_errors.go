package cimxml

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// OpError tells which operation on which object of which server failed. Err is a
// *cim.Error when the server refused, an [HTTPError] when it answered with a status
// other than 200, a [DecodeError] when the reply could not be read, else an error of the
// network or of the context.
type OpError struct {
	Op     string // the method's name, "GetInstance"
	Object string // the object path or namespace it was called on
	Server string // the URL
	Err    error
}

// Error returns the operation, its object and the cause.
func (e *OpError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Object, e.Err) }

// Unwrap returns the cause.
func (e *OpError) Unwrap() error { return e.Err }

// HTTPError is an HTTP status that carries no CIM response (DSP0200 section 7).
type HTTPError struct {
	StatusCode int    // such as 401
	CIMError   string // the CIMError header, "header-mismatch"; "" when there is none
	Detail     string // OpenPegasus's PGErrorDetail, decoded; "" when there is none
}

// Error returns the status and what the headers say.
func (e *HTTPError) Error() string {
	text := fmt.Sprintf("HTTP status %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.CIMError != "" {
		text += ": " + e.CIMError
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// checkResponse refuses everything but a CIM response. The body of an error is not
// read: a 400 may come with none and on a connection that stays open (observed:
// OpenPegasus), and all there is to know is in the headers.
func checkResponse(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &HTTPError{
			StatusCode: resp.StatusCode,
			CIMError:   clipHeader(resp.Header.Get("CIMError")),
			Detail:     clipHeader(unescapeHeader(resp.Header.Get("PGErrorDetail"))),
		}
	}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err == nil && media != "text/xml" && media != "application/xml" {
		return fmt.Errorf("the reply is %q, expected XML: is this a CIM server?", clipHeader(media))
	}
	return nil
}

func unescapeHeader(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// clipHeader bounds what an error repeats of a header and takes control characters out.
func clipHeader(text string) string {
	const most = 200
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, text)
	if len(text) > most {
		text = text[:most] + "..."
	}
	return text
}

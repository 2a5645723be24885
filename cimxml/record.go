package cimxml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// The lines between the messages of a recording. A recording is a series of exchanges:
// such a line, a request as HTTP/1.1 has it with a Content-Length, a line, the response
// likewise. Credentials, and the values of properties and parameters whose names say that
// they are secret, stand as three asterisks.
const (
	requestLine  = "######## REQUEST ########\r\n"
	responseLine = "######## RESPONSE ########\r\n"
	failureMark  = "## " // begins the line of an error, in place of the response or behind half of one
)

// maxRecorded bounds a body that is recorded.
const maxRecorded = 64 << 20

// Recorder is an http.RoundTripper that writes every exchange of a client to a writer,
// with the secrets removed, as [NewReplayer] reads it. Bodies are held in memory while
// they are recorded; of one beyond 64 MiB the rest is left out, and the exchange is marked
// as failed. Use it as [Options].Wrap:
//
//	opts.Wrap = func(base http.RoundTripper) http.RoundTripper { return cimxml.NewRecorder(base, file) }
type Recorder struct {
	base http.RoundTripper
	most int // bytes of a body
	redactor
	mu sync.Mutex // one exchange is written at a time
	w  io.Writer
}

// NewRecorder returns a Recorder that sends requests by base.
func NewRecorder(base http.RoundTripper, w io.Writer) *Recorder {
	return &Recorder{base: base, most: maxRecorded, redactor: newRedactor(), w: w}
}

// errLong is what a recording says of an exchange whose body it does not hold whole.
var errLong = errors.New("the body is too long to be recorded")

// RoundTrip sends a request and records the exchange when the response has been read, or
// the error that came in its place. It returns an error of the writer in place of the
// response: a recording that misses something is no recording.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, err := copyBody(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.base.RoundTrip(req)
	if err != nil {
		return nil, errors.Join(err, r.write(conversation{request: req, sent: sent, failure: err}))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(r.most)+1))
	x := conversation{request: req, sent: sent, response: resp, received: body, failure: err}
	if err != nil {
		resp.Body.Close()
		return nil, errors.Join(err, r.write(x))
	}
	rest := resp.Body
	if resp.Body = replay(body, rest); len(body) > r.most {
		x.received, x.failure = body[:r.most], errLong
	}
	if err := r.write(x); err != nil {
		rest.Close()
		return nil, err
	}
	return resp, nil
}

// replay returns a body that gives what was read of it again, and then the rest.
func replay(read []byte, rest io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read), rest), rest}
}

// copyBody returns the body of a request and leaves it to be sent.
func copyBody(req *http.Request) ([]byte, error) {
	if req.GetBody == nil {
		return nil, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, maxRecorded))
}

// A conversation is what a recording tells of a request.
type conversation struct {
	request  *http.Request
	sent     []byte
	response *http.Response // nil when there was none
	received []byte
	failure  error // in place of the response, or of the rest of its body
}

func (r *Recorder) write(x conversation) error {
	var b bytes.Buffer
	b.WriteString(requestLine)
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", x.request.Method, x.request.URL.RequestURI(), x.request.URL.Host)
	writeHeader(&b, x.request.Header, r.removeSecrets(x.request, x.sent))
	b.WriteString("\r\n" + responseLine)
	if x.response != nil {
		fmt.Fprintf(&b, "HTTP/1.1 %s\r\n", x.response.Status)
		writeHeader(&b, x.response.Header, r.redact(x.received))
		b.WriteString("\r\n")
	}
	if x.failure != nil {
		fmt.Fprintf(&b, failureMark+"%s\r\n", clipHeader(x.failure.Error()))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("record an exchange: %w", err)
	}
	return nil
}

// writeHeader writes a header and a body. Of the header it leaves out what frames the
// body on the wire, which is told anew.
func writeHeader(b *bytes.Buffer, header http.Header, body []byte) {
	plain := header.Clone()
	for _, framing := range []string{"Content-Length", "Transfer-Encoding", "Connection", "X-Idempotency-Key"} {
		plain.Del(framing)
	}
	for _, secret := range []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"} {
		if plain.Get(secret) != "" {
			plain.Set(secret, "***")
		}
	}
	_ = plain.Write(b) // a buffer takes everything
	b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	b.Write(body)
}

// updateExpiredPassword is the Pragma that sfcb wants with a call of the method of that
// name of SFCB_Account by an account whose password has expired.
const updateExpiredPassword = "UpdateExpiredPassword"

package cimxml

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// The lines between the messages of a recording. A recording is a series of exchanges:
// such a line, a request as HTTP/1.1 has it with a Content-Length, a line, the response
// likewise. Credentials stand as three asterisks.
const (
	requestLine  = "######## REQUEST ########\r\n"
	responseLine = "######## RESPONSE ########\r\n"
)

// maxRecorded bounds a body that is recorded; the rest is left out, and the recording says so.
const maxRecorded = 64 << 20

// Recorder is an http.RoundTripper that writes every exchange of a client to a writer,
// with the secrets removed, as [NewReplayer] reads it. Bodies are held in memory while
// they are recorded. Use it as [Options].Wrap:
//
//	opts.Wrap = func(base http.RoundTripper) http.RoundTripper { return cimxml.NewRecorder(base, file) }
type Recorder struct {
	base http.RoundTripper
	mu   sync.Mutex // one exchange is written at a time
	w    io.Writer
}

// NewRecorder returns a Recorder that sends requests by base.
func NewRecorder(base http.RoundTripper, w io.Writer) *Recorder {
	return &Recorder{base: base, w: w}
}

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
		return nil, errorsJoin(err, r.write(req, sent, nil, nil, err))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRecorded+1))
	resp.Body.Close()
	if err != nil {
		return nil, errorsJoin(err, r.write(req, sent, resp, body, err))
	}
	if err := r.write(req, sent, resp, body, nil); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func errorsJoin(err, also error) error {
	if also == nil {
		return err
	}
	return fmt.Errorf("%w (and: %w)", err, also)
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

func (r *Recorder) write(req *http.Request, sent []byte, resp *http.Response, body []byte, failure error) error {
	var b bytes.Buffer
	b.WriteString(requestLine)
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", req.Method, req.URL.RequestURI(), req.URL.Host)
	writeHeader(&b, req.Header, removeSecrets(req, sent))
	b.WriteString("\r\n" + responseLine)
	if resp != nil {
		fmt.Fprintf(&b, "HTTP/1.1 %s\r\n", resp.Status)
		writeHeader(&b, resp.Header, body)
		b.WriteString("\r\n")
	}
	if failure != nil {
		fmt.Fprintf(&b, "## %s\r\n", clipHeader(failure.Error()))
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

// removeSecrets returns the body, or nothing of one that sets a password.
func removeSecrets(req *http.Request, body []byte) []byte {
	if req.Header.Get("Pragma") == updateExpiredPassword {
		return []byte("***")
	}
	return body
}

// Replayer is an http.Handler that answers as a recording says: a request gets the
// response of the first exchange, not given yet, whose request was the same but for its
// MESSAGE ID; when all such have been given, the last of them again. A request that was
// not recorded gets the status 404.
type Replayer struct {
	mu        sync.Mutex // requests come at once
	exchanges []recorded
}

type recorded struct {
	method, object string
	body           []byte // of the request, with an empty MESSAGE ID
	response       *http.Response
	answer         []byte
	given          bool
}

// NewReplayer reads a recording.
func NewReplayer(r io.Reader) (*Replayer, error) {
	p := &Replayer{}
	b := bufio.NewReader(r)
	for n := 1; ; n++ {
		x, err := readExchange(b)
		if err == io.EOF { //nolint:errorlint // the plain value says that no exchange begins here
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read recording: exchange %d: %w", n, err)
		}
		if x.response != nil {
			p.exchanges = append(p.exchanges, x)
		}
	}
}

func readExchange(b *bufio.Reader) (x recorded, err error) {
	if err := skipLine(b, requestLine); err != nil {
		return x, err
	}
	req, err := http.ReadRequest(b)
	if err != nil {
		return x, noEOF(err)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return x, noEOF(err)
	}
	x.method, x.object = req.Header.Get("CIMMethod"), req.Header.Get("CIMObject")
	x.body, _ = cutID(body)
	if err := skipLine(b, "\r\n"+responseLine); err != nil {
		return x, noEOF(err)
	}
	if next, err := b.Peek(2); err != nil || string(next) == "##" {
		_, err = b.ReadString('\n')
		return x, noEOF(err)
	}
	if x.response, err = http.ReadResponse(b, nil); err != nil {
		return x, noEOF(err)
	}
	if x.answer, err = io.ReadAll(x.response.Body); err != nil {
		return x, noEOF(err)
	}
	return x, noEOF(skipLine(b, "\r\n"))
}

func skipLine(b *bufio.Reader, line string) error {
	got := make([]byte, len(line))
	n, err := io.ReadFull(b, got)
	switch {
	case n == 0 && err != nil:
		return io.EOF
	case err != nil || string(got) != line:
		return fmt.Errorf("expected %q, got %.40q", line, got[:n])
	default:
		return nil
	}
}

func noEOF(err error) error {
	if err == io.EOF { //nolint:errorlint // only the plain value stands for the end
		return io.ErrUnexpectedEOF
	}
	return err
}

// ServeHTTP answers a request out of the recording, under the request's MESSAGE ID.
func (p *Replayer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRecorded))
	if err != nil {
		http.Error(w, "the request cannot be read", http.StatusBadRequest)
		return
	}
	plain, id := cutID(body)
	x := p.find(r.Header.Get("CIMMethod"), r.Header.Get("CIMObject"), plain)
	if x == nil {
		http.Error(w, "this request is not in the recording", http.StatusNotFound)
		return
	}
	for name, values := range x.response.Header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(x.response.StatusCode)
	_, _ = w.Write(putID(x.answer, id)) // the client is gone; there is nobody to tell
}

func (p *Replayer) find(method, object string, body []byte) *recorded {
	p.mu.Lock()
	defer p.mu.Unlock()
	var last *recorded
	for i := range p.exchanges {
		x := &p.exchanges[i]
		if x.method != method || x.object != object || !bytes.Equal(x.body, body) {
			continue
		}
		last = x
		if !x.given {
			break
		}
	}
	if last != nil {
		last.given = true
	}
	return last
}

// cutID returns a message without its MESSAGE ID, and the ID.
func cutID(message []byte) (plain, id []byte) {
	from, to := findID(message)
	return append(bytes.Clone(message[:from]), message[to:]...), message[from:to]
}

// putID returns a message with another MESSAGE ID.
func putID(message, id []byte) []byte {
	from, to := findID(message)
	return bytes.Join([][]byte{message[:from], id, message[to:]}, nil)
}

// findID returns where the value of MESSAGE's attribute ID stands; an empty place at the
// end when there is none.
func findID(message []byte) (from, to int) {
	tag := bytes.Index(message, []byte("<MESSAGE "))
	if tag < 0 {
		return len(message), len(message)
	}
	at := bytes.Index(message[tag:], []byte(`ID="`))
	if at < 0 {
		return len(message), len(message)
	}
	from = tag + at + len(`ID="`)
	length := bytes.IndexByte(message[from:], '"')
	if length < 0 {
		return len(message), len(message)
	}
	return from, from + length
}

// updateExpiredPassword is the Pragma that sfcb wants with a call of the method of that
// name of SFCB_Account by an account whose password has expired.
const updateExpiredPassword = "UpdateExpiredPassword"

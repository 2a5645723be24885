package cimxml

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Replayer is an http.Handler that answers as a recording says: a request gets the
// response of the first exchange, not given yet, whose request was the same but for its
// MESSAGE ID; when all such have been given, the last of them again. A request that was
// not recorded gets the status 404.
type Replayer struct {
	redactor
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
	p := &Replayer{redactor: newRedactor()}
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
	if failed, err := skipFailure(b); failed || err != nil {
		return x, noEOF(err)
	}
	resp, err := http.ReadResponse(b, nil)
	if err != nil {
		return x, noEOF(err)
	}
	defer resp.Body.Close()
	if x.answer, err = io.ReadAll(resp.Body); err != nil {
		return x, noEOF(err)
	}
	x.response = resp
	if err := skipLine(b, "\r\n"); err != nil {
		return x, noEOF(err)
	}
	failed, err := skipFailure(b)
	if failed {
		x.response = nil // it is not whole
	}
	return x, noEOF(err)
}

// skipFailure passes over the line that tells of an error, if one stands here.
func skipFailure(b *bufio.Reader) (failed bool, err error) {
	if next, _ := b.Peek(len(failureMark)); string(next) != failureMark {
		return false, nil // what stands here, or an error, is found by whoever reads on
	}
	_, err = b.ReadString('\n')
	return true, err
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
	plain, _ := cutID(p.removeSecrets(r, body))
	_, id := cutID(body)
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

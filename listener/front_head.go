package listener

import (
	"bytes"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// A plainHead reads the heads of plain requests: those that leave nothing to interpret.
//
// A plain request is a POST to a path of unreserved characters by HTTP/1.1, with one Host and
// one Content-Length, for a body that is neither empty nor large. Its lines end with CR LF, no
// header comes twice, and none asks anything of the server but to close the connection. sfcb
// and OpenPegasus send nothing else, unless they are told to.
//
// A sender writes the same head each time, but for the length. So what was read stays, and a
// head that repeats it is not read again, neither here nor in front of the next connection.
type plainHead struct {
	request *http.Request
	close   bool // the sender uses the connection for nothing more

	text         []byte // the last head, as it came
	digits, rest int    // of its length: where they begin and what follows them
}

func (h *plainHead) init() {
	h.request = &http.Request{
		Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		URL: new(url.URL), Header: make(http.Header),
	}
}

// largestPlain is the length of a body up to which a request is plain: what a connection
// buffers of one that nobody reads is little.
const largestPlain = smallBody

// read reads a head at the start of what has come. It returns its length, 0 when it has not
// come to its end, and -1 when it is not plain.
func (h *plainHead) read(b []byte, maxBody int64) int {
	n := h.repeated(b)
	if n == 0 {
		n = h.parse(b)
	}
	if n > 0 && h.request.ContentLength > maxBody {
		return -1
	}
	return n
}

// repeated reads a head that differs from the last one in its length alone; 0 means that it
// does not, or has not come to its end.
func (h *plainHead) repeated(b []byte) int {
	if len(h.text) == 0 || !bytes.HasPrefix(b, h.text[:h.digits]) {
		return 0
	}
	length, n, ok := plainLength(b[h.digits:])
	if !ok || !bytes.HasPrefix(b[h.digits+n:], h.text[h.rest:]) {
		return 0
	}
	h.setLength(length, string(b[h.digits:h.digits+n]))
	return h.digits + n + len(h.text) - h.rest
}

func (h *plainHead) setLength(length int64, text string) {
	if h.request.ContentLength != length || len(h.request.Header["Content-Length"]) == 0 {
		h.request.ContentLength = length
		h.request.Header["Content-Length"] = []string{text}
	}
}

// plainLength reads digits up to the end of a line.
func plainLength(b []byte) (length int64, n int, ok bool) {
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		if length = 10*length + int64(b[n]-'0'); length > largestPlain {
			return 0, 0, false
		}
		n++
	}
	return length, n, length > 0
}

var (
	headEnd  = []byte("\r\n\r\n")
	lineEnd  = []byte("\r\n")
	lineFeed = []byte("\n")
)

// parse reads a head that is new.
func (h *plainHead) parse(b []byte) int {
	h.text = h.text[:0]
	end := bytes.Index(b, headEnd)
	if end < 0 {
		return h.begins(b)
	}
	lines := string(b[:end+2])
	first, rest, _ := strings.Cut(lines, "\r\n")
	path, ok := plainPath(first)
	if !ok {
		return -1
	}
	clear(h.request.Header)
	h.close, h.request.Host, h.digits = false, "", 0
	h.request.URL.Path, h.request.RequestURI = path, path
	for at := len(first) + 2; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\r\n")
		if !h.line(line, at) {
			return -1
		}
		at += len(line) + 2
	}
	if h.request.Host == "" || h.digits == 0 {
		return -1
	}
	h.text = append(h.text, b[:end+len(headEnd)]...)
	return end + len(headEnd)
}

// begins tells of the beginning of a head whether it is worth waiting for the rest of it.
func (h *plainHead) begins(b []byte) int {
	if n := min(len(b), len(plainMethod)); string(b[:n]) != plainMethod[:n] {
		return -1
	}
	if bytes.Count(b, lineFeed) > bytes.Count(b, lineEnd) {
		return -1 // its lines end otherwise, and so may the head
	}
	return 0
}

const (
	plainMethod  = "POST /"
	plainVersion = " HTTP/1.1"
)

// plainPath returns the path of a request line, if nothing in it is written otherwise than
// it is meant.
func plainPath(line string) (path string, ok bool) {
	path, ok = strings.CutPrefix(line, plainMethod[:len(plainMethod)-1])
	if ok {
		path, ok = strings.CutSuffix(path, plainVersion)
	}
	if !ok || path == "" || path[0] != '/' {
		return "", false
	}
	for i := range len(path) {
		if c := path[i]; c != '/' && !unreserved(c) {
			return "", false
		}
	}
	return path, true
}

// unreserved reports whether c stands for itself in a URL (RFC 3986 section 2.3).
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// line reads a header, which begins at a place in the head.
func (h *plainHead) line(line string, at int) bool {
	colon := strings.IndexByte(line, ':')
	if colon <= 0 || !isToken(line[:colon]) {
		return false
	}
	value := strings.Trim(line[colon+1:], " \t")
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	name := textproto.CanonicalMIMEHeaderKey(line[:colon])
	if _, twice := h.request.Header[name]; twice {
		return false
	}
	return h.header(name, value, at+colon+1+strings.Index(line[colon+1:], value))
}

// header takes in a header, whose value stands at a place in the head.
func (h *plainHead) header(name, value string, at int) bool {
	switch name {
	case "Host":
		if h.request.Host != "" || !plainHost(value) {
			return false
		}
		h.request.Host = value
		return true
	case "Content-Length":
		length, n, ok := plainLength([]byte(value))
		if !ok || n != len(value) {
			return false
		}
		h.request.ContentLength, h.digits, h.rest = length, at, at+n
	case "Connection":
		if !h.connection(value) {
			return false
		}
	case "Transfer-Encoding", "Trailer", "Expect", "Upgrade":
		return false
	}
	h.request.Header[name] = []string{value}
	return true
}

// connection reads what the sender says of the connection.
func (h *plainHead) connection(value string) bool {
	for option := range strings.SplitSeq(value, ",") {
		switch strings.ToLower(strings.Trim(option, " \t")) {
		case "close":
			h.close = true
		case "keep-alive", "te", "":
		default:
			return false
		}
	}
	return true
}

// plainHost reports whether a Host is an address or a name, and perhaps a port.
func plainHost(value string) bool {
	for i := range len(value) {
		if c := value[i]; !unreserved(c) && strings.IndexByte(":[]", c) < 0 {
			return false
		}
	}
	return value != ""
}

// isToken reports whether a name is one of a header (RFC 9110 section 5.6.2).
func isToken(name string) bool {
	for i := range len(name) {
		if c := name[i]; !unreserved(c) && strings.IndexByte("!#$%&'*+^`|", c) < 0 {
			return false
		}
	}
	return name != ""
}

package listener

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"time"
)

// A frontAnswer is an answer on its way, as an http.ResponseWriter. It leaves in one piece
// when the request has been served.
type frontAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
	whole  bytes.Buffer // as it is sent
	digits [32]byte
}

func (a *frontAnswer) init() { a.header = make(http.Header) }

func (a *frontAnswer) reset() {
	clear(a.header)
	a.status = 0
	a.body.Reset()
}

// trim lets go of buffers that a long answer has made large.
func (a *frontAnswer) trim() {
	a.reset()
	if a.body.Cap() > maxKeptAnswer {
		a.body = bytes.Buffer{}
	}
	if a.whole.Cap() > maxKeptAnswer {
		a.whole = bytes.Buffer{}
	}
}

// Header returns what the answer carries.
func (a *frontAnswer) Header() http.Header { return a.header }

// WriteHeader sets the status.
func (a *frontAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write adds to the body.
func (a *frontAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// send writes the answer, and reports whether the connection stays open after it.
func (a *frontAnswer) send(c net.Conn, last bool) (open bool, err error) {
	a.WriteHeader(http.StatusOK)
	last = last || a.header.Get("Connection") == closing[0]
	if last {
		a.header["Connection"] = closing
	}
	w := &a.whole
	w.Reset()
	w.WriteString("HTTP/1.1 ")
	w.Write(strconv.AppendInt(a.digits[:0], int64(a.status), 10))
	w.WriteByte(' ')
	w.WriteString(http.StatusText(a.status))
	w.WriteString("\r\n")
	_ = a.header.Write(w) // a buffer takes all
	w.WriteString("Date: ")
	w.Write(time.Now().UTC().AppendFormat(a.digits[:0], http.TimeFormat))
	w.WriteString("\r\n")
	if len(a.header["Content-Length"]) == 0 {
		w.WriteString("Content-Length: ")
		w.Write(strconv.AppendInt(a.digits[:0], int64(a.body.Len()), 10))
		w.WriteString("\r\n")
	}
	w.WriteString("\r\n")
	w.Write(a.body.Bytes())
	_, err = c.Write(w.Bytes())
	return !last, err
}

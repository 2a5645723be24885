package listener

import (
	"strings"
	"testing"
)

const usualHead = "POST /alerts/x HTTP/1.1\r\nHost: [::1]:5990\r\nContent-Length: 12\r\nCIMExport: MethodRequest\r\n\r\n"

// TestPlain states what the front takes for plain. All else is read by net/http.
func TestPlain(t *testing.T) {
	with := func(line string) string { return strings.Replace(usualHead, "CIMExport: MethodRequest", line, 1) }
	for name, test := range map[string]struct {
		head string
		want int // 1: plain, 0: perhaps when more has come, -1: not
	}{
		"usual":             {usualHead, 1},
		"sfcb":              {with("Connection: Keep-Alive, TE"), 1},
		"OpenPegasus":       {strings.Replace(usualHead, "Content-Length: 12", "content-length: 0000000012", 1), 1},
		"close":             {with("Connection: close"), 1},
		"empty value":       {with("X:"), 1},
		"tab":               {with("X: a\tb"), 1},
		"nothing":           {"", 0},
		"begins":            {"POST /al", 0},
		"no end":            {strings.TrimSuffix(usualHead, "\n"), 0},
		"other method":      {"M-POST", -1},
		"method so far":     {"PO", 0},
		"version":           {strings.Replace(usualHead, "1.1", "1.0", 1), -1},
		"query":             {strings.Replace(usualHead, "/x", "/x?y", 1), -1},
		"escape":            {strings.Replace(usualHead, "/x", "/%41", 1), -1},
		"no host":           {strings.Replace(usualHead, "Host", "Toast", 1), -1},
		"two hosts":         {with("Host: b"), -1},
		"odd host":          {strings.Replace(usualHead, "[::1]", "a,b", 1), -1},
		"no length":         {strings.Replace(usualHead, "Content-Length", "Length", 1), -1},
		"two lengths":       {with("Content-Length: 12"), -1},
		"no body":           {strings.Replace(usualHead, "12", "0", 1), -1},
		"large body":        {strings.Replace(usualHead, "12", "65537", 1), -1},
		"length too long":   {strings.Replace(usualHead, "12", "99999999999999999999999999999999", 1), -1},
		"signed length":     {strings.Replace(usualHead, "12", "+12", 1), -1},
		"expects":           {with("Expect: 100-continue"), -1},
		"chunked":           {with("Transfer-Encoding: chunked"), -1},
		"trailer":           {with("Trailer: X"), -1},
		"upgrade":           {with("Connection: upgrade"), -1},
		"twice":             {with("X: 1\r\nx: 2"), -1},
		"folded":            {with("X: 1\r\n y"), -1},
		"space before":      {with("X : 1"), -1},
		"no name":           {with(": 1"), -1},
		"no colon":          {with("X"), -1},
		"control character": {with("X: \x00"), -1},
		"line feed alone":   {with("X: 1\nY: 2"), -1},
	} {
		t.Run(name, func(t *testing.T) {
			var h plainHead
			h.init()
			b := []byte(test.head)
			if test.want > 0 {
				b = append(b, "the body"...)
			}
			n := h.read(b, largestPlain)
			if got := min(n, 1); got != test.want || got == 1 && n != len(test.head) {
				t.Errorf("read %d of %d", n, len(test.head))
			}
		})
	}
	var h plainHead
	h.init()
	if n := h.read([]byte(usualHead), 11); n != -1 {
		t.Errorf("a body larger than allowed is plain: %d", n)
	}
}

// TestPlainRepeats reads heads that differ in the length, and others in between.
func TestPlainRepeats(t *testing.T) {
	var h plainHead
	h.init()
	for n, test := range []struct {
		head, digits string
		length       int64
	}{
		{usualHead, "12", 12},
		{strings.Replace(usualHead, "12", "3456", 1), "3456", 3456},
		{strings.Replace(usualHead, "12", "007", 1), "007", 7},
		{strings.Replace(usualHead, "alerts/x", "alerts/y", 1), "12", 12},
		{strings.Replace(usualHead, "MethodRequest", "MethodRequests", 1), "12", 12},
		{usualHead, "12", 12},
	} {
		read := h.read([]byte(test.head+"x"), largestPlain)
		r := h.request
		if read != len(test.head) || r.ContentLength != test.length || r.Header.Get("Content-Length") != test.digits {
			t.Errorf("%d: read %d of %d, length %d %q", n, read, len(test.head), r.ContentLength, r.Header)
		}
		if !strings.HasPrefix(test.head, "POST "+r.URL.Path+" ") || !strings.Contains(test.head, "CIMExport: "+r.Header.Get("CIMExport")+"\r\n") {
			t.Errorf("%d: %v %v", n, r.URL, r.Header)
		}
	}
	if n := h.read([]byte(strings.Replace(usualHead, "12", "x", 1)), largestPlain); n != -1 {
		t.Errorf("no length: read %d", n)
	}
	if n := h.read([]byte(usualHead[:len(usualHead)-1]), largestPlain); n != 0 {
		t.Errorf("cut short: read %d", n)
	}
}

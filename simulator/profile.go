package simulator

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Profile is the CIM server whose ways a simulator has in what it sends to listeners:
// headers, connections, what counts as delivered, retries and the order of properties.
type Profile uint8

// The profiles, each as observed.
const (
	Sfcb    Profile = iota // 1.4.10, the server inside VMware ESXi: the HTTP status alone counts
	Pegasus                // OpenPegasus 2.14: the whole answer counts, and connections are used again
)

// times returns how long a listener may take to answer, and the time between attempts.
func (p Profile) times() (answer, retry time.Duration) {
	if p == Pegasus {
		return 20 * time.Second, 30 * time.Second
	}
	return 10 * time.Second, 20 * time.Second
}

// head returns the head of an export request, with the headers in the profile's order and
// spelling. authorization is a header that only OpenPegasus ever sends.
func (p Profile) head(u *url.URL, length int, authorization string) string {
	if p == Pegasus {
		const digits = "0000000000" // a length has as many
		text := strconv.Itoa(length)
		return "POST " + u.RequestURI() + " HTTP/1.1\r\n" +
			"HOST: " + u.Host + "\r\n" +
			"Content-Type: application/xml; charset=utf-8\r\n" +
			"content-length: " + digits[min(len(text), len(digits)):] + text + "\r\n" +
			"TE: chunked, trailers\r\n" +
			"CIMExport: MethodRequest\r\n" +
			"CIMExportMethod: ExportIndication\r\n" + authorization + "\r\n"
	}
	return "POST " + u.RequestURI() + " HTTP/1.1\r\n" +
		"Host: " + u.Host + "\r\n" +
		"Accept: */*\r\n" +
		"Content-type: application/xml; charset=\"utf-8\"\r\n" +
		"Connection: Keep-Alive, TE\r\n" +
		"CIMProtocolVersion: 1.0\r\n" +
		"CIMExport: MethodRequest\r\n" +
		"CIMExportMethod: ExportIndication\r\n" +
		"Content-Length: " + strconv.Itoa(length) + "\r\n\r\n"
}

// anonymous is what OpenPegasus answers a 401 with: no user and no password.
const anonymous = "Authorization: Basic Og==\r\n"

// judge tells what follows from an answer. A nil answer is none.
func (p Profile) judge(a *answer) Outcome {
	switch {
	case a == nil:
		return Retrying
	case p == Pegasus:
		if a.confirms() {
			return Delivered
		}
		return Retrying
	case a.status >= 200 && a.status < 300, a.status == http.StatusFound:
		return Delivered
	case a.status == http.StatusBadRequest, a.status == http.StatusNotImplemented:
		return Dropped
	default:
		return Retrying
	}
}

// answer is what a listener answers to an export.
type answer struct {
	status int
	header http.Header
	body   []byte
	id     string // of the MESSAGE that was sent
	last   bool   // the connection ends with it
}

// confirms reports whether an answer is all that DSP0200 wants of one.
func (a *answer) confirms() bool {
	return a.status == http.StatusOK && strings.EqualFold(a.header.Get("CIMExport"), "MethodResponse") &&
		a.header.Get("Content-Type") != "" && bytes.HasPrefix(a.body, []byte("<?xml")) && a.accepts()
}

// accepts reports whether the body is a response to the message, without an error in it.
func (a *answer) accepts() bool {
	d := xml.NewDecoder(bytes.NewReader(a.body))
	same := false
	for {
		token, err := d.Token()
		if err != nil {
			return same && errors.Is(err, io.EOF)
		}
		e, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "ERROR":
			return false
		case e.Name.Local == "MESSAGE":
			for _, attribute := range e.Attr {
				same = same || attribute.Name.Local == "ID" && attribute.Value == a.id
			}
		}
	}
}

// arrange gives an indication the name of the filter that let it through and its place in
// a sequence, as far as the profile's server does, and in its order.
func (p Profile) arrange(i *cim.Instance, filter string, sequence []cim.Property) {
	if p == Sfcb {
		i.Set("IndicationFilterName", cim.String(filter))
		for _, property := range sequence {
			i.Set(property.Name, property.Value)
		}
		return
	}
	// Nothing names the filter, what has no value is left out, and the sequence comes last.
	var properties []cim.Property
	for _, property := range i.Properties {
		if !property.Value.IsNull() && !cim.EqualNames(property.Name, "SequenceContext") && !cim.EqualNames(property.Name, "SequenceNumber") {
			properties = append(properties, property)
		}
	}
	i.Properties = slices.Concat(properties, sequence)
}

// keepsOrder reports whether an indication waits until those before it are delivered or
// given up. With sfcb one that failed is tried again later, and others pass it: 16, 17,
// 13, 14, 15 was seen after a listener had been away.
func (p Profile) keepsOrder() bool { return p == Pegasus }

// sequenceContext returns the context of a handler's sequence: the service's name, the
// handler's start to the second, so that handlers of one second share it with sfcb, and
// the server's. That is to the microsecond, unlike with the real servers, since simulators
// start faster one after the other, and numbers begin again.
func (p Profile) sequenceContext(service string, started, created time.Time) string {
	const seconds, microseconds = "20060102150405", "20060102150405.000000"
	from, to := started.UTC().Format(microseconds), created.UTC().Format(seconds)
	if p == Pegasus {
		return "PG:" + service + from + "-" + to
	}
	return service + "#" + to + "#" + from
}

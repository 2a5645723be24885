package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/cimwatch/cimwatch/cimxml"
)

// diagnoseProxy knows a proxy that stands in the way. The server has nothing to do with it.
func diagnoseProxy(err error) (diagnosis, bool) {
	const other = "; give another one with --proxy URL, or --proxy " + noProxy + " to go without"
	d := diagnosis{code: ExitUnreachable}
	if refused, ok := errors.AsType[*proxyError](err); ok {
		d.hint = "the proxy " + refused.proxy + ", not the server, refused" + other
		return d, true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		d.hint = "the proxy" + addressOf(op) + ", not the server, could not be reached" + other
		return d, true
	}
	if reply, ok := errors.AsType[*cimxml.HTTPError](err); ok && reply.StatusCode == http.StatusProxyAuthRequired {
		d.hint = "the proxy, not the server, wants a user and a password: they belong into $HTTPS_PROXY or $HTTP_PROXY" + other
		return d, true
	}
	return diagnosis{}, false
}

// addressOf returns where a proxy is that was dialed, after a space, "" where it is not known.
func addressOf(op *net.OpError) string {
	if dial, ok := errors.AsType[*net.OpError](op.Err); ok && dial.Addr != nil {
		return " " + dial.Addr.String()
	}
	return ""
}

// diagnoseConnection knows the ways not to reach a CIM server. It names the types, because
// net.Error would also take the errors of files: a syscall.Errno has all its methods.
func diagnoseConnection(err error) (diagnosis, bool) {
	var op *net.OpError
	var request *url.Error
	var record tls.RecordHeaderError
	d := diagnosis{code: ExitUnreachable}
	switch {
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		d.hint = "this port does not speak TLS; try http:// or another port"
	case errors.As(err, &op) && op.Op == "remote error": // crypto/tls: an alert of the peer
		d.hint = "the server broke off the TLS handshake; it may want a client certificate (--client-cert FILE) or another version of TLS (--tls-min)"
	case isOldTLS(err):
		d.hint = "the server has an older TLS than is allowed; --tls-min allows it"
	case isTimeout(err):
		d.hint = timeoutHint(err)
	case errors.Is(err, syscall.ECONNREFUSED):
		d.hint = "nothing listens there: check the address and the port (CIM servers use 5988 for http, 5989 for https)"
	case isResolveError(err):
		d.hint = "check the spelling of the host, or give its address"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		d.hint = "check the address and the network between"
	case errors.Is(err, syscall.ECONNRESET), (isCall(err) || errors.As(err, &request)) && isEOF(err):
		d.hint = closedHint(err)
	case errors.As(err, &request), errors.As(err, &op):
	default:
		return diagnosis{}, false
	}
	return d, true
}

// closedHint is for a connection that ended before the answer did.
func closedHint(err error) string {
	if wrong, ok := errors.AsType[*cimxml.DecodeError](err); ok && inCIM(wrong) {
		return "the server closed the connection in the middle of its answer" + doneHint(err)
	}
	if done := doneHint(err); done != "" {
		return "the server closed the connection without an answer" + done
	}
	return "the server closed the connection without an answer; is the port right, and https or http?"
}

func timeoutHint(err error) string {
	if slow, ok := errors.AsType[*cimxml.TimeoutError](err); ok && slow.Phase >= cimxml.PhaseWait {
		if done := doneHint(err); done != "" {
			return "--timeout waits longer" + done
		}
	}
	return "check that the host is up and that no firewall is in between; --timeout waits longer"
}

// doneHint warns of an operation that changes something, and of which nobody knows now whether
// the server did it; "" for others.
func doneHint(err error) string {
	call, ok := errors.AsType[*cimxml.OpError](err)
	if !ok || onlyReads(call.Op) {
		return ""
	}
	return "; it may have done " + call.Op + " all the same: look before you repeat it"
}

// onlyReads reports whether an operation changes nothing on the server. A method of a class,
// whatever its name, may.
func onlyReads(operation string) bool {
	switch operation {
	case "GetClass", "EnumerateClasses", "EnumerateClassNames", "GetInstance", "EnumerateInstances", "EnumerateInstanceNames",
		"GetProperty", "GetQualifier", "EnumerateQualifiers", "ExecQuery",
		"Associators", "AssociatorNames", "References", "ReferenceNames",
		"OpenEnumerateInstances", "OpenEnumerateInstancePaths", "OpenAssociatorInstances", "OpenAssociatorInstancePaths",
		"OpenReferenceInstances", "OpenReferenceInstancePaths", "OpenQueryInstances",
		"PullInstances", "PullInstancesWithPath", "PullInstancePaths", "CloseEnumeration", "EnumerationCount":
		return true
	default:
		return false
	}
}

// isOldTLS knows a server that chose a version below what the client takes. crypto/tls has no
// type for it.
func isOldTLS(err error) bool {
	return isCall(err) && strings.Contains(err.Error(), "tls: server selected unsupported protocol version")
}

// isCall reports whether err comes from an operation on a CIM server.
func isCall(err error) bool {
	_, ok := errors.AsType[*cimxml.OpError](err)
	return ok
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		return request.Timeout()
	}
	if !isCall(err) {
		return false
	}
	// The client took the url.Error away; some causes have nothing else to know them by.
	slow, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && slow.Timeout()
}

func isResolveError(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

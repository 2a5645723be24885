package cli

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/subscriber"
)

// diagnoseKind returns what follows from the kind of an error: the first of these that knows it
// decides. Order matters: a refused connection is a *url.Error too, and a port in use is a
// *net.OpError like a host that does not answer.
func diagnoseKind(err error) diagnosis {
	for _, known := range []func(error) (diagnosis, bool){
		diagnoseRefusal,
		diagnoseListen,
		diagnoseCertificate,
		diagnoseConnection,
		diagnoseReply,
		diagnoseFile,
		diagnoseModel,
		diagnoseStore,
	} {
		if d, ok := known(err); ok {
			return d
		}
	}
	return diagnosis{code: ExitFailed}
}

// diagnoseRefusal knows the answers of a CIM server that was reached.
func diagnoseRefusal(err error) (diagnosis, bool) {
	if refusal, ok := errors.AsType[*cim.Error](err); ok {
		return diagnosis{ExitRefused, statusHint(refusal.Status)}, true
	}
	if status, ok := errors.AsType[cim.Status](err); ok {
		return diagnosis{ExitRefused, statusHint(status)}, true
	}
	if reply, ok := errors.AsType[*cimxml.HTTPError](err); ok {
		return diagnosis{ExitRefused, httpHint(reply.StatusCode)}, true
	}
	if errors.Is(err, subscriber.ErrNoInterop) || errors.Is(err, cimxml.ErrNoInterop) {
		return diagnosis{ExitRefused, "this server has no indications, or the account may not see them; give another one with -u"}, true
	}
	return diagnosis{}, false
}

const notCIMHint = "is this a CIM server? Check the port and the path of the URL"

func httpHint(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "the server wants a user (-u) and a password (--password-file or " + envPassword +
			"); where they were given, they are wrong or the account lacks the right"
	case http.StatusForbidden:
		return "the account may not use CIM on this server; give another one with -u"
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return notCIMHint
	case http.StatusBadRequest:
		return "is the port right, and https or http?"
	case http.StatusServiceUnavailable:
		return "the server is busy or starting; try again later"
	default:
		return ""
	}
}

func statusHint(status cim.Status) string {
	switch status {
	case cim.StatusAccessDenied:
		return "the account may sign in but not do this; give one with more rights by -u"
	case cim.StatusInvalidNamespace:
		return "choose the namespace with --namespace, such as root/cimv2 or root/interop"
	case cim.StatusInvalidClass:
		return `"cimwatch class leaves URL" lists the classes of indications; others may be in another --namespace`
	case cim.StatusQueryLanguageNotSupported:
		return "choose another --language: WQL, CIM:CQL or DMTF:CQL"
	case cim.StatusInvalidQuery:
		return `check the query and its --language; strings in WQL stand in double quotes`
	default:
		return ""
	}
}

// diagnoseListen knows the failures to listen on an address of this machine.
func diagnoseListen(err error) (diagnosis, bool) {
	if op, ok := errors.AsType[*net.OpError](err); !ok || op.Op != "listen" {
		return diagnosis{}, false
	}
	d := diagnosis{code: ExitFailed}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		d.hint = "another program has this port; choose another with --addr, or port 0 for a free one"
	case errors.Is(err, syscall.EACCES):
		d.hint = "ports below 1024 need privileges; choose a higher one with --addr"
	case errors.Is(err, syscall.EADDRNOTAVAIL), isResolveError(err):
		d.hint = "--addr takes an address of this machine, or :PORT for all of them"
	}
	return d, true
}

// diagnoseCertificate knows the reasons not to trust a CIM server.
func diagnoseCertificate(err error) (diagnosis, bool) {
	d := diagnosis{code: ExitUnreachable}
	var pinned *cimxml.FingerprintError
	var verification *tls.CertificateVerificationError
	var name x509.HostnameError
	var expired x509.CertificateInvalidError
	switch {
	case errors.As(err, &pinned):
		d.hint = "if the host got a new certificate, give its fingerprint; if not, someone may be in between"
	case errors.As(err, &name):
		d.hint = "use the name that the certificate has, or pin the certificate with --fingerprint" + presented(err)
	case errors.As(err, &expired):
		d.hint = "have the certificate renewed, or pin it with --fingerprint" + presented(err)
	case errors.As(err, &verification):
		d.hint = "give the authority that signed the certificate with --ca FILE, " +
			"or pin the certificate with --fingerprint" + presented(err)
	default:
		return diagnosis{}, false
	}
	return d, true
}

// presented returns the fingerprint of the certificate that could not be verified, after a
// space, "" where it is not known.
func presented(err error) string {
	verification, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok || len(verification.UnverifiedCertificates) == 0 {
		return ""
	}
	return " " + cimxml.FormatFingerprint(sha256.Sum256(verification.UnverifiedCertificates[0].Raw))
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
		d.hint = "the server broke off the TLS handshake; it may want another version of TLS or a client certificate"
	case isTimeout(err):
		d.hint = "check that the host is up and that no firewall is in between; --timeout waits longer"
	case errors.Is(err, syscall.ECONNREFUSED):
		d.hint = "nothing listens there: check the address and the port (CIM servers use 5988 for http, 5989 for https)"
	case isResolveError(err):
		d.hint = "check the spelling of the host, or give its address"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		d.hint = "check the address and the network between"
	case errors.Is(err, syscall.ECONNRESET), (isCall(err) || errors.As(err, &request)) && isEOF(err):
		d.hint = "the server closed the connection without an answer; is the port right, and https or http?"
	case errors.As(err, &request), errors.As(err, &op):
	default:
		return diagnosis{}, false
	}
	return d, true
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

// diagnoseReply knows a reply that is no CIM-XML.
func diagnoseReply(err error) (diagnosis, bool) {
	_, ok := errors.AsType[*cimxml.DecodeError](err)
	return diagnosis{ExitFailed, notCIMHint}, ok
}

func isResolveError(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

// diagnoseFile knows the failures to open a file.
func diagnoseFile(err error) (diagnosis, bool) {
	file, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return diagnosis{}, false
	}
	d := diagnosis{code: ExitFailed}
	switch {
	case errors.Is(err, fs.ErrPermission):
		d.hint = fmt.Sprintf("let this user read %s, or choose another file", file.Path)
	case errors.Is(err, fs.ErrNotExist):
		d.hint = fmt.Sprintf("check the path %s", file.Path)
	}
	return d, true
}

// diagnoseModel knows sources that do not compile. The error has the place.
func diagnoseModel(err error) (diagnosis, bool) {
	_, ok := errors.AsType[mof.ErrorList](err)
	return diagnosis{code: ExitFailed}, ok
}

// diagnoseStore knows the reasons not to open a store.
func diagnoseStore(err error) (diagnosis, bool) {
	d := diagnosis{code: ExitFailed}
	switch {
	case errors.Is(err, store.ErrLocked):
		d.hint = "another cimwatch has this file open: stop it, or give another file with --db"
	case errors.Is(err, store.ErrFormat):
		d.hint = "this file was not made by cimwatch, or by a newer one; give another file with --db"
	default:
		return diagnosis{}, false
	}
	return d, true
}

package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
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
		diagnoseDatabase,
		diagnoseProxy,
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
		return diagnosis{ExitRefused, httpHint(reply)}, true
	}
	if errors.Is(err, subscriber.ErrNoInterop) || errors.Is(err, cimxml.ErrNoInterop) {
		return diagnosis{ExitRefused, "this server has no indications, or the account may not see them; give another one with -u"}, true
	}
	return diagnosis{}, false
}

const notCIMHint = "is this a CIM server? Check the port and the path of the URL"

const traceHint = "--trace FILE keeps what was sent and answered"

func httpHint(reply *cimxml.HTTPError) string {
	switch reply.StatusCode {
	case http.StatusUnauthorized:
		return "the server wants a user (-u) and a password (--password-file or " + envPassword +
			"); where they were given, they are wrong or the account lacks the right"
	case http.StatusForbidden:
		return "the account may not use CIM on this server; give another one with -u"
	case http.StatusServiceUnavailable:
		return "the server is busy or starting; try again later"
	}
	if reply.CIMError != "" { // only a CIM server says that (DSP0200 section 7.3)
		return "the CIM server takes no such request; " + traceHint
	}
	switch reply.StatusCode {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return notCIMHint
	case http.StatusBadRequest:
		return "is the port right, and https or http?"
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

// diagnoseReply knows a reply that cannot be read. What begins as CIM-XML comes from a CIM
// server.
func diagnoseReply(err error) (diagnosis, bool) {
	wrong, ok := errors.AsType[*cimxml.DecodeError](err)
	if !ok {
		return diagnosis{}, false
	}
	if inCIM(wrong) {
		return diagnosis{ExitFailed, "the server's answer is not as the standards want it; " + traceHint}, true
	}
	return diagnosis{ExitFailed, notCIMHint}, true
}

func inCIM(e *cimxml.DecodeError) bool { return len(e.Where) > 0 && e.Where[0] == "CIM" }

// diagnoseFile knows the failures to open a file.
func diagnoseFile(err error) (diagnosis, bool) {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return diagnosis{ExitFailed, "there is no room left where this was to be written: make some, or choose another place"}, true
	}
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

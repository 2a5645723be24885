package listener

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"net/netip"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
)

// Options are the choices of a Server. Zero fields take the defaults named.
type Options struct {
	// Paths are the URL paths that are served, unescaped; others are answered 404. A
	// path may be a secret: how long the comparison takes tells nothing about it. Empty:
	// any path. [Server.SetPaths] changes them.
	Paths []string

	// Allow and AllowFunc say which addresses may connect: those that either admits.
	// AllowFunc must be quick and is called from many goroutines at once. Both empty: any.
	Allow     []netip.Prefix
	AllowFunc func(netip.Addr) bool

	// Users are the passwords, by user, of which one is asked for by Basic
	// authentication. sfcb and OpenPegasus send none (observed). Empty: nothing is asked.
	Users map[string]string

	MaxBody       int64         // bytes of a request's body; 4 MiB
	MaxBodies     int64         // bytes of all bodies above 64 KiB at once, others are answered 503; 256 MiB
	MaxConcurrent int           // requests at once, others are answered 503; 2048
	Limits        cimxml.Limits // of the XML; those of cimxml

	// The limits of connections hold for those that Serve accepts. Beyond them, the
	// oldest that has been silent for a second is closed, else the new one.
	MaxConnections int // open at once; 16384
	MaxPerAddress  int // of those, from one address, or one IPv6 network of 64 bits; 1024
	MaxOpening     int // of those, before the first request: in the TLS handshake, or silent; 4096
	MaxIdle        int // of those, between two requests; 4096

	HeaderTimeout time.Duration // for a request's header, and for the TLS handshake; ReadTimeout
	ReadTimeout   time.Duration // for a request, header and body; 10 s
	HandleTimeout time.Duration // for the handler, through its context; 8 s, negative: none
	WriteTimeout  time.Duration // from a request's header to the end of the answer; 20 s
	IdleTimeout   time.Duration // for the next request of a connection; 2 min

	// TLS makes Serve speak HTTPS; it must hold a certificate or a way to get one. Nil:
	// plain HTTP, or whatever the net.Listener does.
	TLS *tls.Config

	// ClientPins are the certificates of which a client must show one, whoever signed it.
	// Other ways to ask for certificates are in TLS. Empty: as TLS says.
	ClientPins []Pin

	// Lend makes the Indication, with all it refers to, and the context the handler's only
	// until it returns, and OnAnswer's until that returns; what is kept must be copied.
	// It is faster, as memory is used again.
	Lend bool

	// Resolve returns the name of the host that sent an indication, from its address,
	// path, certificate or contents. Host is the address when it is called. It must be
	// quick and is called from many goroutines at once. Nil, or a result of "": the
	// address.
	Resolve func(*Indication) string

	// OnAnswer is called with each answer, for access logs and metrics, from many
	// goroutines at once. It must be quick: the answer is in a buffer that leaves when
	// OnAnswer has returned.
	OnAnswer func(Answer)

	// Logger is told when handlers begin to fail and when they have been well again for
	// [TroubleLasts], of panics, and at level debug of each refused request. Nil: nothing is logged.
	Logger *slog.Logger

	Now func() time.Time // by which handlers have been well for a while; time.Now
}

// Answer describes a request that has been answered.
type Answer struct {
	Received   time.Time
	Remote     netip.AddrPort
	Method     string
	Path       string
	Proto      string // "HTTP/1.1"
	Status     int
	Reason     string        // one of those in the package comment
	Bytes      int           // of the body sent
	Duration   time.Duration // from Received to the answer
	Indication *Indication   // nil when the request held none that could be read
}

// Class returns the indication's class, "" when there was none.
func (a *Answer) Class() string {
	if a.Indication == nil {
		return ""
	}
	return a.Indication.Instance.Class
}

// retryAfter is what senders are asked to wait with 503. sfcb and OpenPegasus have
// intervals of their own and ignore it (observed).
const retryAfter = 10 * time.Second

const maxHeader = 32 << 10

func (o *Options) orDefault() Options {
	var d Options
	if o != nil {
		d = *o
	}
	d.MaxBody = cmp.Or(d.MaxBody, 4<<20)
	d.MaxBodies = cmp.Or(d.MaxBodies, 256<<20)
	d.MaxConcurrent = cmp.Or(d.MaxConcurrent, 2048)
	d.MaxConnections = cmp.Or(d.MaxConnections, 16384)
	d.MaxPerAddress = cmp.Or(d.MaxPerAddress, 1024)
	d.MaxOpening = cmp.Or(d.MaxOpening, 4096)
	d.MaxIdle = cmp.Or(d.MaxIdle, 4096)
	d.ReadTimeout = cmp.Or(d.ReadTimeout, 10*time.Second)
	d.HeaderTimeout = cmp.Or(d.HeaderTimeout, d.ReadTimeout)
	d.HandleTimeout = cmp.Or(d.HandleTimeout, 8*time.Second)
	d.WriteTimeout = cmp.Or(d.WriteTimeout, 20*time.Second)
	d.IdleTimeout = cmp.Or(d.IdleTimeout, 2*time.Minute)
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

package postgres_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between an inventory and its server. It counts round trips, and cuts
// connections where a test wants it.
type proxy struct {
	t      testing.TB
	url    string
	server string // path of the server's socket
	ln     net.Listener
	all    sync.WaitGroup

	trips atomic.Int64 // Sync messages, which ask the server to answer
	cut   atomic.Int64 // of the constants below, once

	refuse atomic.Bool // new connections are closed at once

	mu    sync.Mutex
	conns []net.Conn
}

// Where the next batch that writes is cut off.
const (
	cutNowhere int64 = iota
	cutBefore        // before its end, so that the server rolls it back
	cutAfter         // when the server has committed: its answer does not come through
)

const socketName = ".s.PGSQL.5432"

// newProxy returns a proxy in front of the server of a URL.
func newProxy(t testing.TB, to string) *proxy {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "cimwatch-proxy-") //nolint:usetesting // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, server: filepath.Join(u.Query().Get("host"), socketName)}
	if p.ln, err = new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, socketName)); err != nil {
		t.Fatal(err)
	}
	u.RawQuery = url.Values{"host": {dir}}.Encode()
	p.url = u.String()
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = p.ln.Close()
		p.drop()
		p.all.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *proxy) accept() {
	for {
		client, err := p.ln.Accept()
		if err != nil {
			return
		}
		if p.refuse.Load() {
			_ = client.Close()
			continue
		}
		server, err := new(net.Dialer).DialContext(p.t.Context(), "unix", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		silent := &atomic.Bool{}
		p.all.Go(func() { p.forward(client, server, silent) })
		p.all.Go(func() { answer(client, server, silent) })
	}
}

// answer passes on what the server answers, unless it is to be silent: then it breaks the
// connection off when the server is ready for the next query (ReadyForQuery).
func answer(client, server net.Conn, silent *atomic.Bool) {
	defer func() { _, _ = client.Close(), server.Close() }()
	ready := []byte{'Z', 0, 0, 0, 5}
	for buffer := make([]byte, 1<<16); ; {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		if !silent.Load() {
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		} else if n > len(ready) && bytes.Equal(buffer[n-1-len(ready):n-1], ready) {
			return
		}
	}
}

// drop closes all connections.
func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// forward passes on what the client sends, message by message.
func (p *proxy) forward(client, server net.Conn, silent *atomic.Bool) {
	defer func() { _, _ = client.Close(), server.Close() }()
	writes := false
	for first := true; ; first = false {
		message, err := readMessage(client, first)
		if err != nil {
			return
		}
		sync := !first && message[0] == 'S'
		if sync {
			p.trips.Add(1)
		}
		if !first && message[0] == 'B' && bytes.Contains(message, []byte("contract-cursor")) {
			writes = true
		}
		cut := cutNowhere
		if writes && sync {
			writes = false
			cut = p.cut.Swap(cutNowhere)
		}
		switch cut {
		case cutBefore:
			return
		case cutAfter:
			silent.Store(true)
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// readMessage reads a message of the frontend (PostgreSQL, "Message Formats"); the first one of a
// connection has no type.
func readMessage(r io.Reader, first bool) ([]byte, error) {
	head := make([]byte, 5)
	if first {
		head = head[:4]
	}
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[len(head)-4:])
	body := make([]byte, length-4)
	_, err := io.ReadFull(r, body)
	return slices.Concat(head, body), err
}

package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"sync"
)

// senders are the addresses that may send: networks of the configuration, and those of the
// configured hosts.
type senders struct {
	networks []netip.Prefix
	hosts    bool // those of the hosts, too
	log      *slog.Logger

	mu      sync.Mutex // hosts learn, the listener asks
	of      map[string][]netip.Addr
	known   map[netip.Addr]int  // by how many hosts
	refused map[netip.Addr]bool // and told, some of them
}

// maxRefused bounds the addresses that are remembered to be told once.
const maxRefused = 1000

// newSenders takes in the addresses that need not be looked up.
func newSenders(allow []string, hosts []HostConfig, log *slog.Logger) (*senders, error) {
	s := &senders{
		log: log, of: map[string][]netip.Addr{}, known: map[netip.Addr]int{}, refused: map[netip.Addr]bool{},
	}
	for _, text := range allow {
		if text == AllowHosts {
			s.hosts = true
			continue
		}
		network, err := parseNetwork(text)
		if err != nil {
			return nil, err
		}
		s.networks = append(s.networks, network)
	}
	for i := range hosts {
		if addr, err := netip.ParseAddr(hostname(&hosts[i])); s.hosts && err == nil {
			s.set(hosts[i].Name, []netip.Addr{addr})
		}
	}
	return s, nil
}

// hostname returns the name or address of a host's CIM server.
func hostname(config *HostConfig) string {
	u, err := url.Parse(config.URL)
	if err != nil {
		return "" // the client does not take it either
	}
	return u.Hostname()
}

// learn looks up the addresses of a host that has a name. When that fails, those it had
// remain its own.
func (s *senders) learn(ctx context.Context, config *HostConfig) error {
	name := hostname(config)
	if _, err := netip.ParseAddr(name); !s.hosts || err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return fmt.Errorf("look up the addresses that may send: %w", err)
	}
	s.set(config.Name, addrs)
	return nil
}

// set notes the addresses of a host in place of those it had.
func (s *senders) set(host string, addrs []netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, addr := range s.of[host] {
		if s.known[addr]--; s.known[addr] == 0 {
			delete(s.known, addr)
		}
	}
	own := slices.Clone(addrs)
	for i, addr := range own {
		own[i] = plain(addr)
		s.known[own[i]]++
	}
	s.of[host] = own
}

// plain returns an address in the one form that is compared.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// allowFunc returns what the listener asks, nil when every address may send.
func (s *senders) allowFunc() func(netip.Addr) bool {
	if len(s.networks) == 0 && !s.hosts {
		return nil
	}
	return s.allow
}

// allow reports whether an address may send. The first time that one may not is logged:
// it may be a host behind another address than was thought.
func (s *senders) allow(addr netip.Addr) bool {
	addr = plain(addr)
	if slices.ContainsFunc(s.networks, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[addr] > 0 {
		return true
	}
	if !s.refused[addr] && len(s.refused) < maxRefused {
		s.refused[addr] = true
		s.log.Warn("address is not among those allowed to send", "address", addr.String())
	}
	return false
}

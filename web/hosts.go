package web

import (
	"context"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/inventory"
)

// HostLister lists the hosts of an inventory, as a Client and a Local do.
type HostLister interface {
	Hosts(ctx context.Context) ([]Host, error)
}

// HostNamed returns the name of a host as the inventory has it, for one in upper or lower case; ok is
// false when there is none. The error is that of the list.
func HostNamed(ctx context.Context, from HostLister, name string) (known string, ok bool, err error) {
	hosts, err := from.Hosts(ctx)
	for i := range hosts {
		if strings.EqualFold(hosts[i].Name, name) {
			return hosts[i].Name, true, err
		}
	}
	return "", false, err
}

// UnknownHost returns the first host that a query names, not only by a pattern, and the inventory does
// not have; "" when there is none. The error is that of the list, which is read only where it is needed.
func UnknownHost(ctx context.Context, from HostLister, q *inventory.Query) (string, error) {
	named := slices.DeleteFunc(slices.Clone(q.Hosts), func(p inventory.Pattern) bool {
		_, whole := p.Literal()
		return !whole
	})
	if len(named) == 0 {
		return "", nil
	}
	hosts, err := from.Hosts(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range named {
		if !slices.ContainsFunc(hosts, func(h Host) bool { return p.Match(h.Name) }) {
			return string(p), nil
		}
	}
	return "", nil
}

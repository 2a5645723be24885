package daemon

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// associations reads the paths of the instances of the association classes. Relations are
// good to know and no more: what a server does not tell of them leaves them as they were, and
// makes no sync fail. The first failure that is no answer of the server ends it.
func (h *host) associations(ctx context.Context) map[string][]cim.ObjectPath {
	read := map[string][]cim.ObjectPath{}
	for _, class := range inventory.Associations() {
		paths, err := h.readNames(ctx, class)
		switch {
		case err == nil:
			read[class] = paths
		case !isRefusal(err):
			h.log.Debug("associations not read", "class", class, "error", err)
			return read
		}
	}
	return read
}

func (h *host) readNames(ctx context.Context, class string) ([]cim.ObjectPath, error) {
	var paths []cim.ObjectPath
	for _, namespace := range h.agenda.namespaces(h.config.Namespace) {
		for p, err := range h.client.EnumerateInstanceNames(ctx, namespace, class) {
			switch {
			case cim.IsMissingClass(err): // it has none
			case err != nil:
				return nil, err
			default:
				paths = append(paths, p)
			}
		}
	}
	return paths, nil
}

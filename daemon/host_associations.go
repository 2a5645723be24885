package daemon

import (
	"context"
	"errors"
	"fmt"

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
		case errors.Is(err, errUnconfirmed):
			h.log.Debug("associations are left as they were", "class", class, "reason", err)
		case !isRefusal(err):
			h.log.Debug("associations not read", "class", class, "error", err)
			return read
		}
	}
	return read
}

// errUnconfirmed says that a class is missing that may have been there before.
var errUnconfirmed = errors.New("whether the class is missing is not confirmed yet")

// readNames reads the paths of the instances of a class in all namespaces. A server that says that
// it lacks the class is believed when it says so a second time: a provider may be away for a moment,
// and all that it told of before would be taken for lost.
func (h *host) readNames(ctx context.Context, class string) ([]cim.ObjectPath, error) {
	var paths []cim.ObjectPath
	var doubt error
	for _, namespace := range h.agenda.namespaces(h.config.Namespace) {
		missing := false
		for p, err := range h.client.EnumerateInstanceNames(ctx, namespace, class) {
			switch {
			case cim.IsMissingClass(err):
				missing = true
			case err != nil:
				return nil, err
			default:
				paths = append(paths, p)
			}
		}
		if !h.lacking.confirms(readingKey{namespace: cim.FoldName(namespace), class: class}, missing) {
			doubt = fmt.Errorf("%s: %w", namespace, errUnconfirmed)
		}
	}
	return paths, doubt
}

// lacking are the association classes that the server lacked when it was last asked for them.
type lacking map[readingKey]bool

// confirms notes whether a class is missing, and reports whether that is certain: one that is
// there is, and one that was missing the last time, too.
func (l lacking) confirms(class readingKey, missing bool) bool {
	if !missing {
		delete(l, class)
		return true
	}
	before := l[class]
	l[class] = true
	return before
}

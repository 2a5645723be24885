package daemon

import (
	"slices"
	"sync"

	"github.com/cimwatch/cimwatch/store"
)

// contexts remember the sequence contexts that came to each path of the listener. A new
// one tells that the CIM server was restarted, or that somebody made our handler anew:
// there is its start time in it (observed: sfcb, OpenPegasus).
type contexts struct {
	mu   sync.Mutex                     // who follows the journal notes, hosts forget
	seen map[string]map[string][]string // by host and path, the last few
}

// keptContexts of a path are told from new ones: deliveries of before a restart may come
// late.
const keptContexts = 8

func newContexts() *contexts {
	return &contexts{seen: map[string]map[string][]string{}}
}

// note reports whether an entry is the first of a new context where there was another.
func (c *contexts) note(e *store.Entry) bool {
	if e.Sequence == nil || e.Host == "" {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	paths := c.seen[e.Host]
	if paths == nil {
		paths = map[string][]string{}
		c.seen[e.Host] = paths
	}
	seen := paths[e.Path]
	if slices.Contains(seen, e.Sequence.Context) {
		return false
	}
	if len(seen) == keptContexts {
		seen = seen[1:]
	}
	paths[e.Path] = append(slices.Clip(seen), e.Sequence.Context)
	return len(seen) > 0
}

// forget has the next context of each path of a host be no news: its handlers were made
// anew here.
func (c *contexts) forget(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.seen, host)
}

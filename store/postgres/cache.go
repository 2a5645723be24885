package postgres

import "container/list"

// A cache holds records that are in the database, and knows of some that they are not there. It
// drops the hosts that were not used for longest.
type cache struct {
	limit, size int
	hosts       map[string]*cachedHost
	used        *list.List // of *cachedHost, the last used in front
}

type cachedHost struct {
	name       string
	known      bool   // record is as in the database
	record     []byte // nil: there is none
	components map[string][]byte
	complete   bool // components has all
	size       int
	place      *list.Element
}

// overhead is what an entry takes besides its record, about.
const overhead = 160

func newCache(limit int) *cache {
	c := &cache{limit: limit}
	c.clear()
	return c
}

func (c *cache) clear() {
	c.size, c.hosts, c.used = 0, map[string]*cachedHost{}, list.New()
}

// host returns what is known of a host, which may be nothing.
func (c *cache) host(name string) *cachedHost {
	h := c.hosts[name]
	if h == nil {
		h = &cachedHost{name: name, components: map[string][]byte{}}
		h.place = c.used.PushFront(h)
		c.hosts[name] = h
		c.grow(h, overhead)
		return h
	}
	c.used.MoveToFront(h.place)
	return h
}

func (c *cache) grow(h *cachedHost, n int) {
	h.size += n
	c.size += n
}

// putHost notes the record of a host, nil for none.
func (c *cache) putHost(name string, record []byte) {
	h := c.host(name)
	c.grow(h, len(record)-len(h.record))
	h.known, h.record = true, record
}

// putComponent notes the record of a component, nil for none.
func (c *cache) putComponent(host, id string, record []byte) {
	h := c.host(host)
	old, had := h.components[id]
	if !had {
		c.grow(h, overhead+len(id))
	}
	c.grow(h, len(record)-len(old))
	h.components[id] = record
}

// forget notes that a host is not there, nor anything of it.
func (c *cache) forget(name string) {
	if h := c.hosts[name]; h != nil {
		c.drop(h)
	}
	h := c.host(name)
	h.known, h.complete = true, true
}

func (c *cache) drop(h *cachedHost) {
	c.used.Remove(h.place)
	delete(c.hosts, h.name)
	c.size -= h.size
}

// shrink keeps the cache within its limit. It is called when no transaction uses it.
func (c *cache) shrink() {
	for c.size > c.limit && c.used.Len() > 0 {
		if h, ok := c.used.Back().Value.(*cachedHost); ok {
			c.drop(h)
		}
	}
}

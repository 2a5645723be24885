package listener

import "sync"

// A gate counts what is being served, requests or connections, bounds it, and closes for good.
type gate struct {
	room  int           // set before use
	empty chan struct{} // closed when the gate is closed and nobody is inside

	mu     sync.Mutex // protects what follows
	inside int
	closed bool
}

func newGate(room int) *gate { return &gate{room: room, empty: make(chan struct{})} }

func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return reject(shuttingDown, "")
	case g.inside >= g.room:
		return reject(busy, "")
	}
	g.inside++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.closed && g.inside == 0 {
		close(g.empty)
	}
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed && g.inside == 0 {
		close(g.empty)
	}
	g.closed = true
}

func (g *gate) isClosed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inside
}

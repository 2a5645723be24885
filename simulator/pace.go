package simulator

import (
	"sync"
	"time"
)

// pacePeriod is the time in which a paced server makes only so many attempts to deliver
// (observed: sfcb).
const pacePeriod = 5 * time.Second

// pace spreads the deliveries of a server over time.
type pace struct {
	mu    sync.Mutex
	begin time.Time // of the period that is being filled
	taken int       // of its places
}

// reserve takes the next place and returns how long it is until then. A limit of 0 is
// none.
func (p *pace) reserve(now time.Time, limit int) time.Duration {
	if limit <= 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !now.Before(p.begin.Add(pacePeriod)):
		p.begin, p.taken = now, 0
	case p.taken >= limit:
		p.begin, p.taken = p.begin.Add(pacePeriod), 0
	}
	p.taken++
	return max(p.begin.Sub(now), 0)
}

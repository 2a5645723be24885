package daemon

import (
	"context"
	"sync"
)

// progress is a number that only grows and that others can wait for. The zero progress
// stands at 0.
type progress struct {
	mu     sync.Mutex // the follower moves it, whoever waits reads it
	number uint64
	moved  chan struct{} // closed when number changes; nil while nobody waits
}

// now returns the number.
func (p *progress) now() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.number
}

// move sets the number and wakes who waits.
func (p *progress) move(number uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.number = number
	if p.moved != nil {
		close(p.moved)
		p.moved = nil
	}
}

// wait returns when the number is at least that given, or ctx ends.
func (p *progress) wait(ctx context.Context, number uint64) error {
	for {
		moved := p.change(number)
		if moved == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

// change returns a channel that is closed when the number changes, nil when it is there.
func (p *progress) change(number uint64) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.number >= number {
		return nil
	}
	if p.moved == nil {
		p.moved = make(chan struct{})
	}
	return p.moved
}

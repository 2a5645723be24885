package simulator

import (
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// source gives the instances of a result piece by piece, so that a long result is never
// held as a whole.
type source interface {
	next(most int) []*cim.Instance // fewer than most only at the end
	left() uint64                  // how many are still to come
}

// pieceSize is how many instances are taken from a source under one lock.
const pieceSize = 256

// all yields what a source still has.
func all(src source) iter.Seq[*cim.Instance] {
	return func(yield func(*cim.Instance) bool) {
		for {
			piece := src.next(pieceSize)
			for _, i := range piece {
				if !yield(i) {
					return
				}
			}
			if len(piece) < pieceSize {
				return
			}
		}
	}
}

// held is a source of what was found before.
type held []*cim.Instance

func (l *held) next(most int) []*cim.Instance {
	n := min(most, len(*l))
	piece := (*l)[:n]
	*l = (*l)[n:]
	return piece
}

func (l *held) left() uint64 { return uint64(len(*l)) }

// scan goes through a namespace in the order of creation. What is created meanwhile comes
// at the end, and what is deleted does not come.
type scan struct {
	server    *Server
	namespace string
	keep      func(*cim.Instance) bool
	place     uint64
}

func (c *scan) next(most int) []*cim.Instance {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	n, err := c.server.repository.namespace(c.namespace)
	if err != nil {
		return nil // deleted meanwhile
	}
	piece, place := n.after(c.place, most, nil, c.keep)
	c.place = place
	return piece
}

func (c *scan) left() uint64 {
	const enough = 1 << 10
	var count uint64
	for rest := *c; ; {
		piece := rest.next(enough)
		count += uint64(len(piece))
		if len(piece) < enough {
			return count
		}
	}
}

// ofClass returns a condition for the instances of a class and of those below it. It
// remembers what it found out and is for one goroutine at a time.
func (s *Server) ofClass(class string) func(*cim.Instance) bool {
	known := make(map[string]bool)
	return func(i *cim.Instance) bool {
		is, ok := known[i.Class]
		if !ok {
			is = s.schema.IsA(i.Class, class)
			known[i.Class] = is
		}
		return is
	}
}

// instancesOf returns the instances of a class and of those below it.
func (s *Server) instancesOf(namespace, class string) (source, error) {
	if _, err := s.namespaceNamed(namespace); err != nil {
		return nil, err
	}
	if _, err := s.class(class); err != nil {
		return nil, err
	}
	return &scan{server: s, namespace: namespace, keep: s.ofClass(class)}, nil
}

package mof

import "strings"

// slabs holds what syntax trees are cut from, so that a tree of a million nodes takes
// some hundreds of allocations.
type slabs struct {
	values     slab[value]
	literals   slab[literal]
	qualifiers slab[qualifier]
	elements   slab[element]

	texts        *strings.Builder // never grown, so that what it holds stays where it is
	literalBuf   []literal
	qualifierBuf []qualifier
	elementBuf   []element
}

// slab hands out slices of one large slice.
type slab[T any] struct{ free []T }

const (
	slabSize = 512
	textSlab = 64 << 10
	longText = 4 << 10 // is kept by itself
)

func (s *slab[T]) keep(items []T) []T {
	if len(items) == 0 {
		return nil
	}
	if len(s.free) < len(items) {
		s.free = make([]T, max(slabSize, len(items)))
	}
	out := s.free[:len(items):len(items)]
	s.free = s.free[len(items):]
	copy(out, items)
	return out
}

// keepText returns text as a string, cut from a large one.
func (s *slabs) keepText(text []byte) string {
	if len(text) > longText {
		return string(text)
	}
	if s.texts == nil || s.texts.Cap()-s.texts.Len() < len(text) {
		s.texts = &strings.Builder{}
		s.texts.Grow(textSlab)
	}
	off := s.texts.Len()
	s.texts.Write(text)
	return s.texts.String()[off:]
}

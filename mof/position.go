package mof

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Position is a place in a source. Line and Column count from 1, columns in characters;
// both are 0 where the place is a whole file.
type Position struct {
	File   string
	Line   int
	Column int
}

// String returns "file:line:column", or the file alone.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// pos is a place in any of the sources of one compilation: the source's base plus the
// offset. It is four bytes instead of the 32 of a Position, as syntax trees hold many.
type pos int32

// noPos stands for no place; the first source's base is 1.
const noPos pos = 0

// sourceFile is one source as the compiler knows it.
type sourceFile struct {
	name  string
	text  string
	base  pos
	whole bool    // there is no text to point into
	lines []int32 // offsets of line starts, made when the first position is asked for
}

// fileSet turns a pos into a Position.
type fileSet struct {
	files []*sourceFile
	next  pos
}

// add gives a source its range of positions. The caller bounds the sum of all sizes.
func (s *fileSet) add(name, text string) *sourceFile {
	if s.next == noPos {
		s.next = 1
	}
	f := &sourceFile{name: name, text: text, base: s.next}
	s.next += pos(len(text)) + 1 // the end of a source is a place too
	s.files = append(s.files, f)
	return f
}

// addWhole adds a source that cannot be read.
func (s *fileSet) addWhole(name string) *sourceFile {
	f := s.add(name, "")
	f.whole = true
	return f
}

func (s *fileSet) position(p pos) Position {
	if p == noPos {
		return Position{}
	}
	i := sort.Search(len(s.files), func(i int) bool { return s.files[i].base > p }) - 1
	if i < 0 {
		return Position{}
	}
	return s.files[i].position(int32(p - s.files[i].base))
}

func (f *sourceFile) position(off int32) Position {
	if f.whole {
		return Position{File: f.name}
	}
	if f.lines == nil {
		f.lines = []int32{0}
		for i := range len(f.text) {
			if f.text[i] == '\n' {
				f.lines = append(f.lines, int32(i)+1)
			}
		}
	}
	line, found := slices.BinarySearch(f.lines, off)
	if !found {
		line--
	}
	start := f.text[f.lines[line]:off]
	if line == 0 {
		start = strings.TrimPrefix(start, byteOrderMark)
	}
	return Position{File: f.name, Line: line + 1, Column: utf8.RuneCountInString(start) + 1}
}

package cimxml

import (
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

// A nameSet tells at little cost that the name of a property is new, which nearly all are:
// it has a bit for each of 256 hashes. Where so many come that the bits say nothing it has
// the names.
type nameSet struct {
	bits  [4]uint64
	names map[string]struct{} // folded; nil up to fewNames
}

// fewNames are compared one by one when their hash was there.
const fewNames = 128

// add adds the name of the last of a list of properties and reports whether another has it.
func (s *nameSet) add(list []cim.Property, hash uint8) bool {
	word, bit := &s.bits[hash>>6], uint64(1)<<(hash&63)
	before := *word&bit != 0
	*word |= bit
	if len(list) > fewNames {
		return s.addName(list)
	}
	if before {
		last := len(list) - 1
		for i := range list[:last] {
			if cim.EqualNames(list[i].Name, list[last].Name) {
				return true
			}
		}
	}
	return false
}

func (s *nameSet) addName(list []cim.Property) bool {
	if s.names == nil {
		s.names = map[string]struct{}{}
		for i := range list[:len(list)-1] {
			s.names[cim.FoldName(list[i].Name)] = struct{}{}
		}
	}
	before := len(s.names)
	s.names[cim.FoldName(list[len(list)-1].Name)] = struct{}{}
	return len(s.names) == before
}

// hashStart is that of FNV-1a.
const hashStart = uint32(2166136261)

// nameHash is the same for names that are equal.
func nameHash(name string) uint8 {
	hash := hashStart
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return foldedHash(name)
		}
		hash = mix(hash, name[i])
	}
	return reduce(hash)
}

// foldedHash is that of a name with letters outside of ASCII.
func foldedHash(name string) uint8 {
	hash, folded := hashStart, cim.FoldName(name)
	for i := range len(folded) {
		hash = mix(hash, folded[i])
	}
	return reduce(hash)
}

func mix(hash uint32, c byte) uint32 { return (hash ^ uint32(c|0x20)) * 16777619 }

func reduce(hash uint32) uint8 { return uint8(hash ^ hash>>8 ^ hash>>16 ^ hash>>24) }

package cimxml

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// A nameSet tells at little cost that the name of a property is new, which nearly all are:
// it has a bit for each of 256 hashes. Where so many come that the bits say nothing it has
// the names.
type nameSet struct {
	bits  [4]uint64
	names map[string]struct{} // in lower case; nil up to fewNames
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
			s.names[strings.ToLower(list[i].Name)] = struct{}{}
		}
	}
	before := len(s.names)
	s.names[strings.ToLower(list[len(list)-1].Name)] = struct{}{}
	return len(s.names) == before
}

// nameHash is the same for names that differ in case alone.
func nameHash(name string) uint8 {
	hash := uint32(2166136261) // FNV-1a
	for i := range len(name) {
		hash = (hash ^ uint32(name[i]|0x20)) * 16777619
	}
	return uint8(hash ^ hash>>8 ^ hash>>16 ^ hash>>24)
}

package discovery

import (
	"cmp"
	"maps"
	"slices"
	"unique"

	"github.com/cimwatch/cimwatch/cim"
)

// A Reading is a class whose instances are to be enumerated.
type Reading struct {
	Namespace string
	Class     string
	Expected  int      // instances that there were, subclasses' included; 0: not known
	Covers    []string // the class and those known to derive from it, folded, sorted
}

// Wishes are what somebody says of classes, with all that derive from them.
type Wishes struct {
	Skip  []string // are not read
	Apart []string // are read on their own, if they have instances: at other times than the rest
}

// Plan returns what is to be read of a host, in the order of the surveys, and of each by
// name.
func Plan(w Wishes, surveys ...*Survey) []Reading {
	w.Skip = slices.Concat(w.Skip, Excluded())
	var plan []Reading
	for _, s := range surveys {
		plan = append(plan, s.plan(w)...)
	}
	return plan
}

func (s *Survey) plan(w Wishes) []Reading {
	var plan []Reading
	for name, o := range s.instances {
		if !s.skips(name, w.Skip) && !s.isBelowAnother(name, w.Skip) {
			plan = append(plan, s.reading(o.class))
		}
	}
	for _, class := range w.Apart {
		if !s.skips(class, w.Skip) && s.isBelowAnother(cim.FoldName(class), w.Skip) {
			if r := s.reading(class); r.Expected > 0 {
				plan = append(plan, r)
			}
		}
	}
	slices.SortFunc(plan, func(a, b Reading) int { return cmp.Compare(cim.FoldName(a.Class), cim.FoldName(b.Class)) })
	return slices.CompactFunc(plan, func(a, b Reading) bool { return cim.EqualNames(a.Class, b.Class) })
}

func (s *Survey) reading(class string) Reading {
	name := cim.FoldName(class)
	covers := append(slices.Collect(maps.Keys(s.below[name])), name)
	for n := range covers {
		covers[n] = unique.Make(covers[n]).Value() // many hosts have the same classes
	}
	slices.Sort(covers)
	return Reading{Namespace: s.Namespace, Class: class, Expected: s.count(name), Covers: covers}
}

// Nearest returns the class of a list that a class is, or derives from by the fewest steps;
// "" when there is none.
func (s *Survey) Nearest(class string, list []string) string {
	nearest := ""
	for _, candidate := range list {
		if s.IsA(class, candidate) && (nearest == "" || s.IsA(candidate, nearest)) {
			nearest = candidate
		}
	}
	return nearest
}

func (s *Survey) skips(class string, skip []string) bool {
	return slices.ContainsFunc(skip, func(root string) bool { return s.IsA(class, root) })
}

// isBelowAnother reports whether the reading of another class has a class's instances too.
func (s *Survey) isBelowAnother(class string, skip []string) bool {
	for name := range s.instances {
		if name != class && s.IsA(class, name) && !s.skips(name, skip) {
			return true
		}
	}
	return false
}

// count returns how many instances a reading is expected to have.
func (s *Survey) count(class string) (count int) {
	for name, o := range s.instances {
		if s.IsA(name, class) {
			count += o.count
		}
	}
	return count
}

// Skipped returns the classes that Plan leaves out as no hardware or by its skip, folded and
// sorted.
func Skipped(skip []string, surveys ...*Survey) []string {
	var all []string
	for _, s := range surveys {
		for _, root := range slices.Concat(skip, Excluded()) {
			name := cim.FoldName(root)
			all = append(all, name)
			all = slices.AppendSeq(all, maps.Keys(s.below[name]))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

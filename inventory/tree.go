package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// Node is a component in the tree of its host.
type Node struct {
	Component *Component   // nil for the node at the top
	Relation  RelationKind // that put it under the node above, "" where nothing did
	Children  []*Node      // by kind and name
}

// Tree arranges the components of one host that are there by their relations: a disk under
// its volume, that under its controller, a sensor under what it measures, a module under its
// board. Each stands once, where the closest of its relations puts it; what none
// puts anywhere is at the top. The nodes point into components.
func Tree(components []Component) *Node {
	t := tree{nodes: map[string]*Node{}, above: map[string]string{}, candidates: map[string][]candidate{}}
	for n := range components {
		if c := &components[n]; c.Removed.IsZero() {
			t.nodes[c.ID] = &Node{Component: c}
			t.order = append(t.order, c.ID)
		}
	}
	for _, id := range t.order {
		t.relate(t.nodes[id].Component)
	}
	t.inferControllers()
	top := &Node{}
	for _, id := range t.order {
		above := top
		if best, ok := t.place(id); ok {
			t.above[id] = best.id
			above = t.nodes[best.id]
			t.nodes[id].Relation = best.kind
		}
		above.Children = append(above.Children, t.nodes[id])
	}
	top.sort()
	return top
}

type tree struct {
	nodes      map[string]*Node
	order      []string
	above      map[string]string // the ID of what a component stands under
	candidates map[string][]candidate
}

// candidate is what a component may stand under.
type candidate struct {
	kind RelationKind
	id   string
	rank int // less is closer
}

// How close the relations are. A computer system contains all of its devices, which says less
// than any other relation.
const (
	rankVolume = iota
	rankController
	rankSensor
	rankSet
	rankPackage
	rankCollection
	rankSystem
)

// relate notes what a component's relations say of who stands under whom.
func (t *tree) relate(c *Component) {
	for _, r := range c.Relations {
		other := t.nodes[r.ID]
		if other == nil {
			continue
		}
		under := func(id string, above string, rank int) {
			t.candidates[id] = append(t.candidates[id], candidate{r.Kind, above, rank})
		}
		switch r.Kind { // several modules realize one memory: that is no place
		case BasedOn:
			under(r.ID, c.ID, rankVolume)
		case Controls:
			under(r.ID, c.ID, rankController)
		case Measures:
			under(c.ID, r.ID, rankSensor)
		case RedundancyOf:
			under(r.ID, c.ID, rankSet)
		case MemberOf:
			under(c.ID, r.ID, rankCollection)
		case Contains:
			under(r.ID, c.ID, containerRank(c))
		}
	}
}

func containerRank(c *Component) int {
	if c.Kind == KindSystem || c.Kind == KindHost {
		return rankSystem
	}
	return rankPackage
}

// inferControllers puts a volume that no controller is told of under that of its disks.
func (t *tree) inferControllers() {
	for _, id := range t.order {
		isController := func(c candidate) bool { return c.rank == rankController }
		if slices.ContainsFunc(t.candidates[id], isController) {
			continue
		}
		for _, r := range t.nodes[id].Component.Relations {
			n := slices.IndexFunc(t.candidates[r.ID], isController)
			if r.Kind == BasedOn && n >= 0 {
				t.candidates[id] = append(t.candidates[id], t.candidates[r.ID][n])
				break
			}
		}
	}
}

// place returns the closest of what a component may stand under, and that does not stand
// under it.
func (t *tree) place(id string) (candidate, bool) {
	all := t.candidates[id]
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id))
	})
	for _, c := range all {
		if !t.standsUnder(c.id, id) {
			return c, true
		}
	}
	return candidate{}, false
}

func (t *tree) standsUnder(id, above string) bool {
	for ; id != ""; id = t.above[id] {
		if id == above {
			return true
		}
	}
	return false
}

// kindOrder is that of the constants.
var kindOrder = []Kind{
	KindHost, KindSystem, KindChassis, KindBoard, KindProcessor, KindMemory, KindMemoryModule, KindFan,
	KindPowerSupply, KindSensor, KindBattery, KindController, KindDisk, KindVolume, KindPort,
	KindRedundancy, KindLog, KindFirmware, KindOther,
}

func (n *Node) sort() {
	slices.SortStableFunc(n.Children, func(a, b *Node) int { return compareComponents(a.Component, b.Component) })
	for _, child := range n.Children {
		child.sort()
	}
}

// compareComponents puts components in the order in which people look for them.
func compareComponents(a, b *Component) int {
	return cmp.Or(
		cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind)),
		cmp.Compare(a.Kind, b.Kind),
		compareNatural(a.Name, b.Name),
		cmp.Compare(a.ID, b.ID),
	)
}

// compareNatural compares texts with the numbers in them by value: "Fan 2" before "Fan 10".
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		wordA, numberA, restA := cutNumber(a)
		wordB, numberB, restB := cutNumber(b)
		order := cmp.Or(cmp.Compare(wordA, wordB), cmp.Compare(len(numberA), len(numberB)), cmp.Compare(numberA, numberB))
		if order != 0 {
			return order
		}
		a, b = restA, restB
	}
	return cmp.Compare(a, b)
}

// cutNumber cuts a text behind its first number, which it returns without leading zeros.
func cutNumber(text string) (word, number, rest string) {
	const digits = "0123456789"
	n := strings.IndexAny(text, digits)
	if n < 0 {
		return text, "", ""
	}
	word, rest = text[:n], strings.TrimLeft(text[n:], digits)
	return word, strings.TrimLeft(text[n:len(text)-len(rest)], "0"), rest
}

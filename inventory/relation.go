package inventory

import (
	"cmp"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// Relation is what ties a component to another one of its host: "chassis contains board".
type Relation struct {
	Kind RelationKind `json:"kind"`
	ID   string       `json:"id"` // of the other component
}

// RelationKind is the sort of a relation, in words that stand between two components.
type RelationKind string

// The kinds of relations, each told by the component that it begins with.
const (
	Contains     RelationKind = "contains"      // a system or package its parts
	Controls     RelationKind = "controls"      // a controller its disks, volumes and ports
	BasedOn      RelationKind = "based on"      // a volume its disks
	MemberOf     RelationKind = "member of"     // a part its collection
	RedundancyOf RelationKind = "redundancy of" // a redundancy set its members
	Measures     RelationKind = "measures"      // a sensor what it is in
	Realizes     RelationKind = "realizes"      // a package the device that it is
	Powers       RelationKind = "powers"        // a power supply or battery what it feeds
	Cools        RelationKind = "cools"         // a fan what it cools
)

// holdsMembers reports whether a relation of that kind is one of a whole to what it cannot
// do without, or of such a part: losing it is a change.
func (k RelationKind) holdsMembers() bool {
	return k == RedundancyOf || k == BasedOn || k == MemberOf
}

// association is a class of associations and what it says: the component in the role from
// is in the relation to the one in the role to.
type association struct {
	class, from, to string
	kind            RelationKind
}

// associations are from the DMTF schema 2.49, which gives the roles their meaning. Subclasses
// override the roles' classes and keep their names.
var associations = []association{
	{"CIM_SystemDevice", "GroupComponent", "PartComponent", Contains},
	{"CIM_Container", "GroupComponent", "PartComponent", Contains},
	{"CIM_ComputerSystemPackage", "Antecedent", "Dependent", Contains},
	{"CIM_ControlledBy", "Antecedent", "Dependent", Controls},
	{"CIM_ProtocolControllerForUnit", "Antecedent", "Dependent", Controls},
	{"CIM_BasedOn", "Dependent", "Antecedent", BasedOn},
	{"CIM_MediaPresent", "Dependent", "Antecedent", BasedOn},
	{"CIM_MemberOfCollection", "Member", "Collection", MemberOf},
	{"CIM_RedundancyComponent", "GroupComponent", "PartComponent", RedundancyOf},
	{"CIM_AssociatedSensor", "Antecedent", "Dependent", Measures},
	{"CIM_Realizes", "Antecedent", "Dependent", Realizes},
	{"CIM_SuppliesPower", "Antecedent", "Dependent", Powers},
	{"CIM_AssociatedBattery", "Antecedent", "Dependent", Powers},
	{"CIM_AssociatedCooling", "Antecedent", "Dependent", Cools},
}

// Associations returns the names of the association classes whose instances a sync reads. The
// references are keys, so that their names are enough. Servers lack most of them.
func Associations() []string {
	names := make([]string, len(associations))
	for n := range associations {
		names[n] = associations[n].class
	}
	return names
}

// relations are those that a sync has read.
type relations struct {
	of   map[string][]Relation // by the ID that they begin with
	read map[RelationKind]bool // all classes of that kind were
}

// relationsOf works out the relations between components that are there.
func (s *Snapshot) relationsOf(there func(id string) bool) relations {
	r := relations{of: map[string][]Relation{}, read: map[RelationKind]bool{}}
	for n := range associations {
		a := &associations[n]
		paths, ok := s.Associations[a.class]
		if _, known := r.read[a.kind]; !known {
			r.read[a.kind] = true
		}
		r.read[a.kind] = r.read[a.kind] && ok
		if a.kind == MemberOf { // the members of redundancy sets among them
			r.read[RedundancyOf] = ok
		}
		for _, p := range paths {
			if from, rel := a.relation(p); there(from) && there(rel.ID) && from != rel.ID {
				r.of[from] = append(r.of[from], rel)
			}
		}
	}
	for id, all := range r.of {
		r.of[id] = related(all)
	}
	return r
}

// relation returns what an instance of the association says, from "" when it says nothing. A
// redundancy set is a collection (CIM_RedundancySet of the DMTF schema), told from its side.
func (a *association) relation(p cim.ObjectPath) (from string, r Relation) {
	one, ok := referenceIn(p, a.from)
	other, also := referenceIn(p, a.to)
	if !ok || !also {
		return "", Relation{}
	}
	if a.kind == MemberOf && KindOf(other.Class) == KindRedundancy {
		return idOf(other), Relation{RedundancyOf, idOf(one)}
	}
	return idOf(one), Relation{a.kind, idOf(other)}
}

func referenceIn(p cim.ObjectPath, role string) (cim.ObjectPath, bool) {
	for _, k := range p.Keys {
		if cim.EqualNames(k.Name, role) {
			other, ok := k.Value.Reference()
			return other, ok && other.IsInstance()
		}
	}
	return cim.ObjectPath{}, false
}

// mostRelations is for one component; a computer system contains some hundred devices.
const mostRelations = 8192

// related sorts relations, and leaves each once.
func related(all []Relation) []Relation {
	slices.SortFunc(all, func(a, b Relation) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	all = slices.Compact(all)
	return all[:min(len(all), mostRelations)]
}

// relate gives the component what was read of its relations. Those of kinds that were not
// read in full stay.
func (x *edit) relate(r relations, name func(id string) string) {
	now := slices.Clone(r.of[x.c.ID])
	for _, old := range x.c.Relations {
		if !r.read[old.Kind] {
			now = append(now, old)
		}
	}
	if now = related(now); slices.Equal(now, x.c.Relations) {
		return
	}
	x.touched = true
	for _, old := range x.c.Relations {
		if old.Kind.holdsMembers() && !slices.Contains(now, old) {
			x.member(MemberLost, old, cim.String(name(old.ID)), cim.Value{})
		}
	}
	for _, rel := range now {
		if rel.Kind.holdsMembers() && !slices.Contains(x.c.Relations, rel) {
			x.member(MemberGained, rel, cim.Value{}, cim.String(name(rel.ID)))
		}
	}
	x.c.Relations = now
}

func (x *edit) member(kind ChangeKind, r Relation, before, after cim.Value) {
	x.add(Change{Kind: kind, Property: string(r.Kind), Old: before, New: after, Relations: []Relation{r}})
}

package inventory

// Relation is what ties a component to another one of its host: "chassis contains board".
type Relation struct {
	Kind RelationKind `json:"kind"`
	ID   string       `json:"id"` // of the other component, which need not be known
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
	Powers       RelationKind = "powers"        // a power supply or battery what it feeds
	Cools        RelationKind = "cools"         // a fan what it cools
)

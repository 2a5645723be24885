package check

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// Options are what a report is to count, and how. The zero Options count everything, and take
// what is absent, unknown or was not read for OK.
type Options struct {
	Ignore  Names
	Storage Storage
	Limits  []Limit

	Absent  State // of a component that is absent, disabled or not in use
	Silent  State // of a component that nothing speaks of the health of
	Unread  State // of each class or host that could not be read
	NoGraph map[string]bool
}

// Storage is whether storage counts.
type Storage uint8

// The choices of storage.
const (
	WithStorage Storage = iota
	OnlyStorage
	WithoutStorage
)

// IsStorage reports whether a class is one of storage: controllers and their batteries, disks,
// volumes, and the ports of disks.
func IsStorage(class string) bool {
	switch inventory.KindOf(class) {
	case inventory.KindController, inventory.KindDisk, inventory.KindVolume, inventory.KindBattery:
		return true
	case inventory.KindPort:
		name := cim.FoldName(class)
		return !strings.Contains(name, "ethernet") && !strings.Contains(name, "network")
	default:
		return false
	}
}

// Counts reports whether components of a class count.
func (s Storage) Counts(class string) bool {
	switch s {
	case OnlyStorage:
		return IsStorage(class)
	case WithoutStorage:
		return !IsStorage(class)
	default:
		return true
	}
}

// stateOf returns what a level of health means to a plugin.
func (o *Options) stateOf(h inventory.Health) State {
	switch h {
	case inventory.OK:
		return OK
	case inventory.Warning:
		return Warning
	case inventory.Critical:
		return Critical
	case inventory.Absent:
		return o.Absent
	default:
		return o.Silent
	}
}

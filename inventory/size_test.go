package inventory_test

import (
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

func TestSize(t *testing.T) {
	u64 := func(name string, n uint64) cim.Property { return cim.Prop(name, cim.Uint64(n)) }
	for _, test := range []struct {
		name       string
		properties []cim.Property
		want       uint64
		ok         bool
	}{
		{"module", []cim.Property{u64("Capacity", 32<<30)}, 32 << 30, true},
		{"disk", []cim.Property{u64("BlockSize", 512), u64("NumberOfBlocks", 2344225968)}, 1200243695616, true},
		{"media", []cim.Property{u64("MaxMediaSize", 600_000_000)}, 600_000_000_000, true},
		{"empty place", []cim.Property{u64("Capacity", 0)}, 0, false},
		{"no block size", []cim.Property{u64("NumberOfBlocks", 7)}, 0, false},
		{"beyond all bounds", []cim.Property{u64("BlockSize", 1<<40), u64("NumberOfBlocks", 1<<40)}, 0, false},
		{"nothing", nil, 0, false},
	} {
		c := inventory.Component{Properties: test.properties}
		if got, ok := c.Size(); got != test.want || ok != test.ok {
			t.Errorf("%s: %d, %v", test.name, got, ok)
		}
	}
}

package mof_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

func TestBitMap(t *testing.T) {
	s := compileWarned(t, `Qualifier BitMap : string[], Scope(property, method, parameter);
Qualifier BitValues : string[], Scope(property, method, parameter);
class A { [BitMap{"0", "0x2", "7"}, BitValues{"Ready", "Failed", "Hot"}] uint8 Flags; [BitValues{"Zero", "One"}] uint64 Plain;
    [BitMap{"0"}, BitValues{"a", "b"}] uint8 Wrong; uint8 None; };`, nil)
	tests := []struct {
		property string
		value    cim.Value
		want     string
		unknown  uint64
	}{
		{"Flags", cim.Uint8(0), "", 0},
		{"Flags", cim.Uint8(1), "Ready", 0},
		{"flags", cim.Uint8(0x85), "Ready,Failed,Hot", 0},
		{"Flags", cim.Uint8(0x0A), "", 0x0A},
		{"Flags", cim.Uint8(0xFF), "Ready,Failed,Hot", 0x7A},
		{"Plain", cim.Uint64(1<<63 + 3), "Zero,One", 1 << 63},
		{"Flags", cim.Sint8(1), "Ready", 0},
		{"Flags", cim.String("1"), "", 0},
		{"Wrong", cim.Uint8(1), "", 1},
		{"None", cim.Uint8(1), "", 1},
		{"Missing", cim.Uint8(2), "", 2},
	}
	for _, tt := range tests {
		got, unknown := s.BitMap("a", tt.property).Meanings(tt.value)
		if strings.Join(got, ",") != tt.want || unknown != tt.unknown {
			t.Errorf("%s %v: got %q and %#x, want %q and %#x", tt.property, tt.value, got, unknown, tt.want, tt.unknown)
		}
	}
	flags := s.BitMap("A", "Flags")
	if n, ok := flags.Number("hot", "READY"); !ok || !n.Equal(cim.Uint64(0x81)) {
		t.Errorf("hot and ready are %v %v", n, ok)
	}
	if n, ok := flags.Number(); !ok || !n.Equal(cim.Uint64(0)) {
		t.Errorf("nothing is %v %v", n, ok)
	}
	if _, ok := flags.Number("Ready", "Cold"); ok {
		t.Error("Cold is a bit")
	}
	if _, ok := s.BitMap("A", "None").Number("Ready"); ok {
		t.Error("a nil map has a bit")
	}
}

func TestBitMapErrors(t *testing.T) {
	tests := []struct {
		typ          cim.Type
		bits, values []string
		want         string
	}{
		{cim.TypeSint8, nil, []string{"a"}, "bit map of a sint8, expected an unsigned integer type"},
		{cim.TypeString, nil, nil, "bit map of a string, expected an unsigned integer type"},
		{cim.TypeUint8, []string{"1"}, nil, "bit map of 1 entries has 0 values"},
		{cim.TypeUint8, []string{"one"}, []string{"a"}, `bit map entry "one": expected the number of a bit`},
		{cim.TypeUint8, []string{"-1"}, []string{"a"}, `bit map entry "-1": -1 is out of range for uint64`},
		{cim.TypeUint8, []string{"8"}, []string{"a"}, "bit map entry 8: expected a bit from 0 to 7 of a uint8"},
		{cim.TypeUint8, nil, slices.Repeat([]string{"a"}, 9), "bit map entry 8: expected a bit from 0 to 7 of a uint8"},
	}
	for _, tt := range tests {
		if _, err := mof.NewBitMap(tt.typ, tt.bits, tt.values); err == nil || err.Error() != tt.want {
			t.Errorf("%s %v: got %v, want %s", tt.typ, tt.bits, err, tt.want)
		}
	}
}

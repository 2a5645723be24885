package mof

import (
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// BitMap gives the bits of an unsigned integer their meaning (DSP0004 section 5.6.3,
// BitMap and BitValues). A nil *BitMap gives no bit one.
type BitMap struct {
	bits []bitMeaning // as declared
}

type bitMeaning struct {
	bit     uint
	meaning string
}

// NewBitMap reads the two qualifiers of an element of type t. Entries of bitMap are the
// numbers of bits, 0 for the least significant, in any form of MOF. A nil bitMap stands
// for 0, 1, 2 and so on.
func NewBitMap(t cim.Type, bitMap, bitValues []string) (*BitMap, error) {
	if !t.IsUnsigned() {
		return nil, fmt.Errorf("bit map of a %s, expected an unsigned integer type", t)
	}
	if bitMap != nil && len(bitMap) != len(bitValues) {
		return nil, fmt.Errorf("bit map of %d entries has %d values", len(bitMap), len(bitValues))
	}
	m := &BitMap{bits: make([]bitMeaning, len(bitValues))}
	for i, meaning := range bitValues {
		bit := uint64(i)
		if bitMap != nil {
			decimal, ok := plainInteger(strings.TrimSpace(bitMap[i]))
			if !ok {
				return nil, fmt.Errorf("bit map entry %q: expected the number of a bit", clip(bitMap[i]))
			}
			v, err := cim.ParseValue(cim.TypeUint64, decimal)
			if err != nil {
				return nil, fmt.Errorf("bit map entry %q: %w", clip(bitMap[i]), err)
			}
			bit, _ = v.Uint64()
		}
		if bit >= uint64(t.Bits()) {
			return nil, fmt.Errorf("bit map entry %d: expected a bit from 0 to %d of a %s", bit, t.Bits()-1, t)
		}
		m.bits[i] = bitMeaning{bit: uint(bit), meaning: meaning}
	}
	return m, nil
}

// Meanings returns what the bits that are set mean, the least significant first, and
// those set that the map does not have. Both are empty for values that are no unsigned
// integers.
func (m *BitMap) Meanings(v cim.Value) (meanings []string, unknown uint64) {
	unknown, ok := v.Uint64()
	if !ok || m == nil {
		return nil, unknown
	}
	set := unknown
	for bit := range uint(64) {
		if set>>bit&1 == 0 {
			continue
		}
		for _, b := range m.bits {
			if b.bit == bit {
				meanings = append(meanings, b.meaning)
				unknown &^= 1 << bit
			}
		}
	}
	return meanings, unknown
}

// Number returns the value in which the bits of these meanings are set, compared without
// regard to case; ok is false where one of them is none of the map's.
func (m *BitMap) Number(meanings ...string) (v cim.Value, ok bool) {
	var n uint64
	for _, meaning := range meanings {
		bit, ok := m.bit(meaning)
		if !ok {
			return v, false
		}
		n |= 1 << bit
	}
	return cim.Uint64(n), true
}

func (m *BitMap) bit(meaning string) (bit uint, ok bool) {
	if m != nil {
		for _, b := range m.bits {
			if strings.EqualFold(b.meaning, meaning) {
				return b.bit, true
			}
		}
	}
	return 0, false
}

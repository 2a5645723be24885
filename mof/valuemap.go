package mof

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// ValueMap gives the numbers of an integer property, method or parameter their meaning
// (DSP0004 section 5.6.3, ValueMap and Values). A nil *ValueMap gives no number one.
type ValueMap struct {
	signed  bool
	entries []valueRange // single numbers first, then ranges, then ranges open at one end
	rest    string       // the meaning of ".."
	hasRest bool
}

// valueRange holds numbers as the uint64 that sorts as they do, see ordered.
type valueRange struct {
	low, high uint64
	meaning   string
}

// NewValueMap reads the two qualifiers of an element of type t. Entries of valueMap are
// integers in any form of MOF, ranges "3..7", ranges open at an end, "..7" and "7..",
// that reach to the neighbouring entry, and ".." for everything else. A nil valueMap
// stands for 0, 1, 2 and so on.
func NewValueMap(t cim.Type, valueMap, values []string) (*ValueMap, error) {
	if !t.IsInteger() {
		return nil, fmt.Errorf("value map of a %s, expected an integer type", t)
	}
	if valueMap != nil && len(valueMap) != len(values) {
		return nil, fmt.Errorf("value map of %d entries has %d values", len(valueMap), len(values))
	}
	m := &ValueMap{signed: t.IsSigned()}
	parsed := make([]mapEntry, len(values))
	for i := range values {
		if valueMap == nil {
			n := m.ordered(int64(i))
			parsed[i] = mapEntry{low: n, high: n}
			continue
		}
		e, err := m.parse(valueMap[i])
		if err != nil {
			return nil, fmt.Errorf("value map entry %q: %w", clip(valueMap[i]), err)
		}
		parsed[i] = e
	}
	least, most := m.limits(t)
	for _, width := range []func(mapEntry) bool{mapEntry.single, mapEntry.closed, mapEntry.open} {
		for i, e := range parsed {
			if !width(e) {
				continue
			}
			low, high := bounds(parsed, i, least, most)
			m.entries = append(m.entries, valueRange{low: low, high: high, meaning: values[i]})
		}
	}
	for i, e := range parsed {
		if e.openLow && e.openHigh && !m.hasRest {
			m.rest, m.hasRest = values[i], true
		}
	}
	return m, nil
}

// mapEntry is one entry of ValueMap as written.
type mapEntry struct {
	low, high         uint64
	openLow, openHigh bool
}

func (e mapEntry) single() bool { return !e.openLow && !e.openHigh && e.low == e.high }
func (e mapEntry) closed() bool { return !e.openLow && !e.openHigh && e.low != e.high }
func (e mapEntry) open() bool   { return e.openLow != e.openHigh }

func (m *ValueMap) parse(text string) (e mapEntry, err error) {
	text = strings.TrimSpace(text)
	low, high, isRange := strings.Cut(text, "..")
	if !isRange {
		e.low, err = m.number(text)
		e.high = e.low
		return e, err
	}
	e.openLow, e.openHigh = low == "", high == ""
	if !e.openLow {
		if e.low, err = m.number(low); err != nil {
			return e, err
		}
	}
	if !e.openHigh {
		e.high, err = m.number(high)
	}
	return e, err
}

func (m *ValueMap) number(text string) (uint64, error) {
	decimal, ok := plainInteger(strings.TrimSpace(text))
	if !ok {
		return 0, errors.New("expected an integer")
	}
	t := cim.TypeUint64
	if m.signed {
		t = cim.TypeSint64
	}
	v, err := cim.ParseValue(t, decimal)
	if err != nil {
		return 0, err
	}
	n, _ := m.key(v)
	return n, nil
}

// bounds closes an open end at the neighbouring entry, or at the type's limit.
func bounds(list []mapEntry, i int, least, most uint64) (low, high uint64) {
	e := list[i]
	low, high = e.low, e.high
	if e.openLow {
		low = least
		if i > 0 && !list[i-1].openHigh && list[i-1].high < e.high {
			low = list[i-1].high + 1
		}
	}
	if e.openHigh {
		high = most
		if i+1 < len(list) && !list[i+1].openLow && list[i+1].low > e.low {
			high = list[i+1].low - 1
		}
	}
	return low, high
}

const signBit = 1 << 63

// ordered maps signed numbers to unsigned ones that sort alike.
func (m *ValueMap) ordered(n int64) uint64 {
	if m.signed {
		return uint64(n) ^ signBit // two's complement
	}
	return uint64(max(n, 0))
}

func (m *ValueMap) limits(t cim.Type) (least, most uint64) {
	bits := t.Bits()
	if !m.signed {
		return 0, math.MaxUint64 >> (64 - bits)
	}
	return m.ordered(math.MinInt64 >> (64 - bits)), m.ordered(math.MaxInt64 >> (64 - bits))
}

func (m *ValueMap) key(v cim.Value) (n uint64, ok bool) {
	if !m.signed {
		return v.Uint64()
	}
	signed, ok := v.Int64()
	return m.ordered(signed), ok
}

// Meaning returns what an integer means, "" and false for numbers the map does not have
// and for values that are no integers.
func (m *ValueMap) Meaning(v cim.Value) (meaning string, ok bool) {
	if m == nil {
		return "", false
	}
	n, ok := m.key(v)
	if !ok {
		return "", false
	}
	if meaning, ok = m.listed(n); ok {
		return meaning, true
	}
	return m.rest, m.hasRest
}

func (m *ValueMap) listed(n uint64) (meaning string, ok bool) {
	for i := range m.entries {
		if e := &m.entries[i]; n >= e.low && n <= e.high {
			return e.meaning, true
		}
	}
	return "", false
}

// Number returns the number that has a meaning, compared without regard to case; ok is
// false where none has, and for a range.
func (m *ValueMap) Number(meaning string) (v cim.Value, ok bool) {
	if m == nil {
		return v, false
	}
	for _, e := range m.entries {
		if e.low != e.high || !strings.EqualFold(e.meaning, meaning) {
			continue
		}
		if m.signed {
			return cim.Sint64(int64(e.low ^ signBit)), true // undoes ordered
		}
		return cim.Uint64(e.low), true
	}
	return v, false
}

// ValueMap returns what the numbers of a property mean, nil when it has no Values or
// they are not usable.
func (s *Schema) ValueMap(class, property string) *ValueMap {
	c := s.Class(class)
	if c == nil {
		return nil
	}
	p := c.Property(property)
	if p == nil {
		return nil
	}
	return propertyMap(p)
}

func propertyMap(p *cim.Property) *ValueMap {
	values := p.Qualifier("Values")
	if values == nil || values.Value.IsNull() {
		return nil
	}
	var valueMap []string
	if q := p.Qualifier("ValueMap"); q != nil && !q.Value.IsNull() {
		valueMap = texts(q.Value)
	}
	m, err := NewValueMap(p.Value.Type(), valueMap, texts(values.Value))
	if err != nil {
		return nil
	}
	return m
}

// texts returns the elements of an array of strings, never nil.
func texts(v cim.Value) []string {
	list := make([]string, 0, v.Len())
	for _, e := range v.Elements() {
		s, _ := e.Text()
		list = append(list, s)
	}
	return list
}

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
	entries []valueRange // as declared, without ".."
	rest    string       // the meaning of ".."
	hasRest bool
}

// valueRange holds numbers as the uint64 that sorts as they do, see ordered.
type valueRange struct {
	low, high uint64
	width     width
	meaning   string
}

// width orders entries that hold the same number: the narrower one counts.
type width uint8

const (
	single  width = iota
	closed        // at both ends
	halfway       // open at one end
	open          // at both ends
)

// NewValueMap reads the two qualifiers of an element of type t. Entries of valueMap are
// integers in any form of MOF, ranges "3..7", ranges open at an end, "..7" and "7..",
// that reach to the neighbouring entry, and ".." for everything else. A nil valueMap
// stands for 0, 1, 2 and so on.
func NewValueMap(t cim.Type, valueMap, values []string) (*ValueMap, error) {
	if valueMap != nil && len(valueMap) != len(values) {
		return nil, fmt.Errorf("value map of %d entries has %d values", len(valueMap), len(values))
	}
	return newValueMap(t, valueMap, values)
}

// NewValueMapDefault is NewValueMap for qualifiers that do not match, as those of some
// vendors: entries of valueMap without a value mean missing, and values without an
// entry are left out.
func NewValueMapDefault(t cim.Type, valueMap, values []string, missing string) (*ValueMap, error) {
	if valueMap != nil {
		values = values[:min(len(values), len(valueMap)):len(values)]
		for len(values) < len(valueMap) {
			values = append(values, missing)
		}
	}
	return newValueMap(t, valueMap, values)
}

func newValueMap(t cim.Type, valueMap, values []string) (*ValueMap, error) {
	if !t.IsInteger() {
		return nil, fmt.Errorf("value map of a %s, expected an integer type", t)
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
	for i, e := range parsed {
		if e.width() != open {
			low, high := bounds(parsed, i, least, most)
			m.entries = append(m.entries, valueRange{low: low, high: high, width: e.width(), meaning: values[i]})
		} else if !m.hasRest {
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

func (e mapEntry) width() width {
	switch {
	case e.openLow && e.openHigh:
		return open
	case e.openLow || e.openHigh:
		return halfway
	case e.low != e.high:
		return closed
	default:
		return single
	}
}

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
	best := open
	for i := range m.entries {
		if e := &m.entries[i]; n >= e.low && n <= e.high && e.width < best {
			meaning, best, ok = e.meaning, e.width, true
		}
	}
	return meaning, ok
}

// Number returns the number that has a meaning, compared without regard to case; ok is
// false where none has, and for a range.
func (m *ValueMap) Number(meaning string) (v cim.Value, ok bool) {
	if m == nil {
		return v, false
	}
	for i := range m.entries {
		if e := &m.entries[i]; e.low == e.high && strings.EqualFold(e.meaning, meaning) {
			return m.value(e.low), true
		}
	}
	return v, false
}

// value undoes key.
func (m *ValueMap) value(n uint64) cim.Value {
	if m.signed {
		return cim.Sint64(int64(n ^ signBit))
	}
	return cim.Uint64(n)
}

// ValueRange is an entry of a value map: the numbers from Low to High, which are equal
// for a single one, and NULL where the entry stands for all that no other has. Both
// are uint64, or sint64 when the type is signed.
type ValueRange struct {
	Low, High cim.Value
	Meaning   string
}

// Entries returns the entries in the order of their declaration, the one for all other
// numbers last. Where ranges overlap the narrower kind counts: a single number, then a
// range, then one that was open at an end.
func (m *ValueMap) Entries() []ValueRange {
	if m == nil {
		return nil
	}
	list := make([]ValueRange, 0, len(m.entries)+1)
	for _, e := range m.entries {
		list = append(list, ValueRange{Low: m.value(e.low), High: m.value(e.high), Meaning: e.meaning})
	}
	if m.hasRest {
		null := cim.Null(m.value(0).Type())
		list = append(list, ValueRange{Low: null, High: null, Meaning: m.rest})
	}
	return list
}

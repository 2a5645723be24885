package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// What the writer in deflate.go writes is read here: one block in the fixed code of RFC 1951,
// section 3.2.6. The standard library's reader, which reads all there is, takes several times as
// long, most of it to prepare.

// fixedBits is how long the codes of the fixed code are at most, distanceBits how long those of
// distances are.
const (
	fixedBits    = 9
	distanceBits = 5
)

// A symbol is what a code stands for, and how many bits that takes: a byte, the end of the
// block, or the base of a length or distance, which extra bits are added to.
type symbol struct {
	kind  symbolKind
	size  uint8 // of the code
	extra uint8 // bits behind it
	base  uint16
}

type symbolKind uint8

const (
	noSymbol symbolKind = iota // such codes are never written
	symbolByte
	symbolEnd
	symbolLength
	symbolDistance
)

// expander holds the symbols by the next bits, of which the first is the lowest.
type expander struct {
	symbols   [1 << fixedBits]symbol
	distances [1 << distanceBits]symbol
}

func newExpander() *expander {
	var x expander
	for n := range x.symbols {
		x.symbols[n] = fixedSymbol(bits.Reverse16(uint16(n)) >> (16 - fixedBits))
	}
	for n := range x.distances {
		x.distances[n] = distanceSymbol(uint16(bits.Reverse8(uint8(n)) >> (8 - distanceBits)))
	}
	return &x
}

// fixedSymbol returns the symbol that nine bits begin with, the first the highest.
func fixedSymbol(code uint16) symbol {
	switch {
	case code>>2 == 0:
		return symbol{kind: symbolEnd, size: 7}
	case code>>2 < 0b0011000:
		return lengthSymbol(code>>2-1, 7)
	case code>>1 < 0b11000000:
		return symbol{kind: symbolByte, size: 8, base: code>>1 - 0b00110000}
	case code>>1 < 0b11001000:
		return lengthSymbol(280-257+code>>1-0b11000000, 8)
	default:
		return symbol{kind: symbolByte, size: 9, base: 144 + code - 0b110010000}
	}
}

// lengthSymbol returns the n-th length.
func lengthSymbol(n uint16, size uint8) symbol {
	s := symbol{kind: symbolLength, size: size}
	switch {
	case n < 8:
		s.base = 3 + n
	case n < 28:
		s.extra = uint8(n/4 - 1)
		s.base = 3 + (4+n%4)<<s.extra
	case n == 28:
		s.base = maxMatch
	default:
		s.kind = noSymbol
	}
	return s
}

// distanceSymbol returns the n-th distance.
func distanceSymbol(n uint16) symbol {
	s := symbol{kind: symbolDistance, size: distanceBits}
	switch {
	case n < 4:
		s.base = 1 + n
	case n < 30:
		s.extra = uint8(n/2 - 1)
		s.base = 1 + (2+n%2)<<s.extra
	default:
		s.kind = noSymbol
	}
	return s
}

var (
	errCut    = errors.New("it is cut short")
	errBroken = errors.New("it is no data of this store")
)

// expand reads size bytes back from what compress appended behind head.
func (c *compressor) expand(data, head []byte, size uint64) ([]byte, error) {
	if size/1032 > uint64(len(data)) { // no data expands further
		return nil, fmt.Errorf("%d bytes cannot come from %d", size, len(data))
	}
	s := c.pool.Get().(*scratch)
	defer s.release(c)
	s.fill(c, head, nil)
	start := len(s.window)
	s.window = slices.Grow(s.window, int(size)+maxMatch)
	r := bitReader{data: data}
	if err := r.expand(c.expander, &s.window, start+int(size)); err != nil {
		return nil, fmt.Errorf("expand: %w", err)
	}
	if got := len(s.window) - start; got != int(size) || r.unread() >= 8 {
		return nil, fmt.Errorf("expand: it has %d bytes and %d bits behind them, expected %d bytes", got, r.unread(), size)
	}
	return append([]byte(nil), s.window[start:]...), nil
}

// expand appends what is read up to the end of the block, and little more than the limit. The
// bits are kept where the processor has them at hand: this is where following the journal
// spends its time.
func (r *bitReader) expand(x *expander, window *[]byte, limit int) error {
	const longest = fixedBits + 5 + distanceBits + 13 // bits of a length and a distance
	r.fill()
	if r.pending&0b111 != blockHead || r.count < 3 {
		return errBroken
	}
	r.pending >>= 3
	r.count -= 3
	w := *window
	defer func() { *window = w }()
	for len(w) <= limit {
		if r.count < longest {
			r.fill()
		}
		pending, count := r.pending, r.count
		s := &x.symbols[pending&(1<<fixedBits-1)]
		pending >>= s.size
		count -= int(s.size)
		if s.kind == symbolByte && count >= 0 {
			w = append(w, byte(s.base))
			r.pending, r.count = pending, count
			continue
		}
		length := int(s.base) + int(pending&(1<<s.extra-1))
		pending >>= s.extra
		count -= int(s.extra)
		if s.kind == symbolEnd && count >= 0 {
			r.pending, r.count = pending, count
			return nil
		}
		d := &x.distances[pending&(1<<distanceBits-1)]
		pending >>= distanceBits
		distance := int(d.base) + int(pending&(1<<d.extra-1))
		pending >>= d.extra
		count -= distanceBits + int(d.extra)
		switch {
		case count < 0:
			return errCut
		case s.kind != symbolLength || d.kind != symbolDistance || distance > len(w):
			return errBroken
		}
		r.pending, r.count = pending, count
		w = repeat(w, length, distance)
	}
	return errBroken
}

// repeat appends what stands at a distance from the end.
func repeat(w []byte, length, distance int) []byte {
	from := len(w) - distance
	for length > 0 { // what is repeated may be shorter than the whole
		n := min(length, len(w)-from)
		w = append(w, w[from:from+n]...)
		length -= n
	}
	return w
}

// bitReader reads bits, the lowest first.
type bitReader struct {
	data    []byte
	at      int
	pending uint64
	count   int // of the bits in pending
}

// fill has 56 bits or more pending, or all that are left.
func (r *bitReader) fill() {
	if r.at+8 <= len(r.data) {
		r.pending |= binary.LittleEndian.Uint64(r.data[r.at:]) << r.count
		n := (63 - r.count) / 8
		r.at += n
		r.count += 8 * n
		return
	}
	for r.count < 56 && r.at < len(r.data) {
		r.pending |= uint64(r.data[r.at]) << r.count
		r.at++
		r.count += 8
	}
}

// unread returns how many bits have not been taken.
func (r *bitReader) unread() int { return r.count + 8*(len(r.data)-r.at) }

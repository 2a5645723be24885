package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// What the writer in deflate.go writes is read here: one block in the fixed code of RFC 1951,
// section 3.2.6. The standard library's reader, which reads all there is, takes three times as
// long, most of it to prepare.

// fixedBits is how long the codes of the fixed code are at most.
const fixedBits = 9

// A fixedCode is a symbol with the length of its code.
type fixedCode struct {
	symbol uint16
	size   uint8
}

const (
	endOfBlock    = 256
	firstLength   = 257
	lastLength    = 285
	distanceBits  = 5
	distanceCodes = 30
)

// fixedCodes returns the symbols by the next bits, the first the lowest.
func fixedCodes() (table [1 << fixedBits]fixedCode) {
	for n := range table {
		code := bits.Reverse16(uint16(n)) >> (16 - fixedBits) // the first bit the highest
		switch {
		case code>>2 < 0b0011000:
			table[n] = fixedCode{endOfBlock + code>>2, 7}
		case code>>1 < 0b11000000:
			table[n] = fixedCode{code>>1 - 0b00110000, 8}
		case code>>1 < 0b11001000:
			table[n] = fixedCode{280 + code>>1 - 0b11000000, 8}
		default:
			table[n] = fixedCode{144 + code - 0b110010000, 9}
		}
	}
	return table
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
	r := bitReader{data: data}
	if r.take(3) != blockHead {
		return nil, fmt.Errorf("expand: %w", errBroken)
	}
	start := len(s.window)
	if err := s.expand(c, &r, start+int(size)); err != nil {
		return nil, fmt.Errorf("expand: %w", err)
	}
	if got := len(s.window) - start; got != int(size) || r.unread() >= 8 {
		return nil, fmt.Errorf("expand: it has %d bytes and %d bits behind them, expected %d bytes", got, r.unread(), size)
	}
	return append([]byte(nil), s.window[start:]...), nil
}

// expand appends to the window what is read, up to the end of the block.
func (s *scratch) expand(c *compressor, r *bitReader, limit int) error {
	for {
		r.fill()
		code := c.codes[r.pending&(1<<fixedBits-1)]
		r.skip(code.size)
		switch {
		case r.cut:
			return errCut
		case code.symbol < endOfBlock:
			s.window = append(s.window, byte(code.symbol))
		case code.symbol == endOfBlock:
			return nil
		default:
			length, distance := r.match(code.symbol)
			if r.cut || length == 0 || distance == 0 || distance > len(s.window) {
				return errBroken
			}
			s.repeat(length, distance)
		}
		if len(s.window) > limit {
			return errBroken
		}
	}
}

// match reads what follows the symbol of a length; length or distance is 0 when there is none.
func (r *bitReader) match(symbol uint16) (length, distance int) {
	if symbol > lastLength {
		return 0, 0
	}
	switch x := int(symbol) - firstLength; {
	case symbol == lastLength:
		length = maxMatch
	case x < 8:
		length = x + 3
	default:
		extra := uint8(x/4 - 1)
		length = (4+x%4)<<extra + int(r.take(extra)) + 3
	}
	code := int(bits.Reverse8(uint8(r.take(distanceBits))) >> (8 - distanceBits))
	switch {
	case code >= distanceCodes:
		return 0, 0
	case code < 4:
		return length, code + 1
	}
	extra := uint8(code/2 - 1)
	return length, (2+code%2)<<extra + int(r.take(extra)) + 1
}

// repeat appends what stands in the window at a distance from its end.
func (s *scratch) repeat(length, distance int) {
	from := len(s.window) - distance
	for length > 0 { // what is repeated may be shorter than the whole
		n := min(length, len(s.window)-from)
		s.window = append(s.window, s.window[from:from+n]...)
		length -= n
	}
}

// bitReader reads bits, the lowest first.
type bitReader struct {
	data    []byte
	at      int
	pending uint64
	count   uint8
	cut     bool // more was read than there is
}

// fill has 56 bits or more pending, or all that are left: enough for a length and a distance.
func (r *bitReader) fill() {
	if r.at+8 <= len(r.data) {
		r.pending |= binary.LittleEndian.Uint64(r.data[r.at:]) << r.count
		n := (63 - r.count) / 8
		r.at += int(n)
		r.count += 8 * n
		return
	}
	for r.count < 56 && r.at < len(r.data) {
		r.pending |= uint64(r.data[r.at]) << r.count
		r.at++
		r.count += 8
	}
}

func (r *bitReader) skip(n uint8) {
	if n > r.count {
		r.cut, n = true, r.count
	}
	r.pending >>= n
	r.count -= n
}

func (r *bitReader) take(n uint8) uint64 {
	if r.count < n {
		r.fill()
	}
	b := r.pending & (1<<n - 1)
	r.skip(n)
	return b
}

// unread returns how many bits have not been taken.
func (r *bitReader) unread() int { return int(r.count) + 8*(len(r.data)-r.at) }

package store

import (
	_ "embed"
	"encoding/binary"
	"math"
	"math/bits"
	"sync"
)

// Bodies are kept as DEFLATE data (RFC 1951) with a preset dictionary, which the standard
// library can read, too. It does not write them here: its writer runs the dictionary through
// again for each message, 20 us for an alert, which would be the better part of keeping one.
// The writer below indexes the dictionary once, takes 2 to 3 us, and comes within a half of its
// size, for it writes one block in the fixed code.

// dictionary1 is what sfcb's indications have in common: what comes last is found nearest.
// Files depend on it, so it never changes; a better one is another encoding.
//
//go:embed dictionary1.txt
var dictionary1 string

const (
	minMatch    = 4 // DEFLATE has 3, which hardly pays
	maxMatch    = 258
	maxDistance = 1 << 15
	hashBits    = 12
	maxHead     = 4 << 10 // of a record's head that serves as dictionary, too

	blockHead = 0b011 // the last block, in the fixed code
)

// compressor holds what all compressions share and a pool of what each needs.
type compressor struct {
	dictionary []byte
	preset     [1 << hashBits]uint16    // hash: position in dictionary, plus 1
	lengths    [maxMatch + 1]prefixCode // with their extra bits
	expander   *expander
	pool       sync.Pool // of *scratch
}

type prefixCode struct {
	bits uint32
	size uint8
}

// scratch is the memory of one compression or expansion.
type scratch struct {
	recent [1 << hashBits]uint32 // hash: position in window, plus 1, plus base
	base   uint32                // what is not above it is of an earlier message
	window []byte                // dictionary, head of the record, message
}

func newCompressor() *compressor {
	c := &compressor{dictionary: []byte(dictionary1), expander: newExpander()}
	for at := range len(c.dictionary) - minMatch {
		c.preset[hash4(c.dictionary[at:])] = uint16(at + 1)
	}
	for n := 3; n <= maxMatch; n++ {
		c.lengths[n] = lengthCode(n)
	}
	c.pool.New = func() any {
		window := append(make([]byte, 0, len(c.dictionary)+8<<10), c.dictionary...)
		return &scratch{window: window}
	}
	return c
}

func hash4(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 2654435761 >> (32 - hashBits) }

// fill lays out the window. What is before the message is known to both sides.
func (s *scratch) fill(c *compressor, head, raw []byte) {
	s.window = append(s.window[:len(c.dictionary)], head[:min(len(head), maxHead)]...)
	s.window = append(s.window, raw...)
}

// begin forgets the positions of the last message.
func (s *scratch) begin() {
	if s.base > math.MaxUint32/2 {
		clear(s.recent[:])
		s.base = 0
	}
}

// note remembers where in the window some bytes stand.
func (s *scratch) note(at int) { s.recent[hash4(s.window[at:])] = s.base + uint32(at) + 1 }

// noteMatch remembers positions of a match: those at its ends. What is repeated begins and
// ends at tags, so the others find next to nothing more and take most of the time.
func (s *scratch) noteMatch(from, to int) {
	for n := from; n < min(from+matchEdge, to); n++ {
		s.note(n)
	}
	for n := max(from+matchEdge, to-matchEdge); n < to; n++ {
		s.note(n)
	}
}

const matchEdge = 2

// release puts s back, unless a large message made it large.
func (s *scratch) release(c *compressor) {
	if cap(s.window) <= 256<<10 {
		c.pool.Put(s)
	}
}

// compress appends raw to out, which begins with head, as DEFLATE data.
func (c *compressor) compress(out, head, raw []byte) []byte {
	s := c.pool.Get().(*scratch)
	defer s.release(c)
	s.fill(c, head, raw)
	s.begin()
	w := bitWriter{out: out}
	w.write(blockHead, 3)
	b := s.window
	at, last := len(b)-len(raw), len(b)-minMatch // the last position that can be hashed
	for n := len(c.dictionary); n < min(at, last+1); n++ {
		s.note(n)
	}
	for at <= last {
		h := hash4(b[at:])
		length, distance := c.match(b, at, int(s.recent[h])-int(s.base)-1, int(c.preset[h])-1)
		s.recent[h] = s.base + uint32(at) + 1
		if length == 0 {
			w.literal(b[at])
			at++
			continue
		}
		w.code(c.lengths[length])
		w.distance(distance)
		s.noteMatch(at+1, min(at+length, last+1))
		at += length
	}
	for ; at < len(b); at++ {
		w.literal(b[at])
	}
	s.base += uint32(len(b))
	w.write(0, 7) // end of block
	return w.flush()
}

// match returns the longer of two matches, of no length when neither is one.
func (c *compressor) match(b []byte, at, recent, preset int) (length, distance int) {
	for _, from := range [...]int{recent, preset} {
		if from < 0 || at-from > maxDistance {
			continue
		}
		if n := common(b[from:], b[at:]); n >= minMatch && n > length {
			length, distance = n, at-from
		}
	}
	return length, distance
}

// common returns how many bytes a and b have in common, at most maxMatch. a is the longer.
func common(a, b []byte) int {
	limit := min(len(b), maxMatch)
	n := 0
	for ; n+8 <= limit; n += 8 {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
	}
	for n < limit && a[n] == b[n] {
		n++
	}
	return n
}

// lengthCode returns the fixed code of a match length with its extra bits (RFC 1951, 3.2.5).
func lengthCode(n int) prefixCode {
	symbol, extra, size := 285, 0, 0
	switch x := n - 3; {
	case n == maxMatch:
	case x < 8:
		symbol = 257 + x
	default:
		size = bits.Len(uint(x)) - 3
		symbol, extra = 257+4*(size+1)+x>>size&3, x&(1<<size-1)
	}
	var c prefixCode
	if symbol < 280 {
		c = prefixCode{uint32(bits.Reverse8(uint8(symbol-256)) >> 1), 7}
	} else {
		c = prefixCode{uint32(bits.Reverse8(uint8(0b11000000 + symbol - 280))), 8}
	}
	return prefixCode{c.bits | uint32(extra)<<c.size, c.size + uint8(size)}
}

// bitWriter appends bits, the lowest first.
type bitWriter struct {
	out     []byte
	pending uint64
	count   uint
}

func (w *bitWriter) write(b uint32, size uint8) {
	w.pending |= uint64(b) << w.count
	w.count += uint(size)
	if w.count >= 32 {
		w.out = binary.LittleEndian.AppendUint32(w.out, uint32(w.pending))
		w.pending >>= 32
		w.count -= 32
	}
}

func (w *bitWriter) code(c prefixCode) { w.write(c.bits, c.size) }

// literal writes a byte in the fixed code: 8 bits, 9 from 144 on.
func (w *bitWriter) literal(b byte) {
	if b < 144 {
		w.write(uint32(bits.Reverse8(0b00110000+b)), 8)
	} else {
		w.write(uint32(bits.Reverse16(0b110010000+uint16(b-144))>>7), 9)
	}
}

func (w *bitWriter) distance(distance int) {
	x := uint32(distance - 1)
	if x < 4 {
		w.write(uint32(bits.Reverse8(uint8(x))>>3), 5)
		return
	}
	size := uint8(bits.Len32(x) - 2)
	symbol := 2*(uint32(size)+1) + x>>size&1
	w.write(uint32(bits.Reverse8(uint8(symbol))>>3)|x&(1<<size-1)<<5, 5+size)
}

func (w *bitWriter) flush() []byte {
	for n := uint(0); n < w.count; n += 8 {
		w.out = append(w.out, byte(w.pending))
		w.pending >>= 8
	}
	return w.out
}

package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"go.etcd.io/bbolt"
)

// recover takes the entries of an intake into the journal that a crash left there, and
// removes it. Where the store may only be read it counts them.
func (s *Store) recover(path string) error {
	id, left, err := s.leftIn(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case s.options.ReadOnly:
		s.stats.Left = len(left)
		return nil
	}
	s.intake.id = id
	for part := range slices.Chunk(left, s.options.QueueEntries) {
		if info, _, _ := s.commitAll(part); info.Err != nil {
			return fmt.Errorf("take in %s: %w", path, info.Err)
		}
	}
	return os.Remove(path)
}

// leftIn returns the entries of an intake that the journal has not taken in.
func (s *Store) leftIn(path string) (intakeID, []*request, error) {
	content, err := readIntake(path)
	if err != nil {
		return intakeID{}, nil, fmt.Errorf("read %s: %w", path, err)
	}
	id, left, err := parseIntake(content, s.takenOf)
	if err != nil {
		err = fmt.Errorf("%w: %s: %w", ErrFormat, path, err)
	}
	return id, left, err
}

// readIntake reads the file, of which no more than its size is of interest.
func readIntake(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read from
	return io.ReadAll(io.LimitReader(f, intakeSize))
}

// takenOf returns the last place of an intake that the journal has taken in, 0 for one it
// does not know.
func (s *Store) takenOf(id intakeID) (place uint64) {
	_ = s.readBolt(func(tx *bbolt.Tx) error { // it fails when the database is closed
		place = takenOf(tx, id)
		return nil
	})
	return place
}

func takenOf(tx *bbolt.Tx, id intakeID) uint64 {
	b := tx.Bucket(bucketMeta).Get(keyIntake)
	if len(b) != len(id)+8 || !bytes.Equal(b[:len(id)], id[:]) {
		return 0
	}
	return number64(b[len(id):])
}

// parseIntake returns the entries that the journal has not taken in, in their order. A
// frame that is not whole was not answered for, if it was the last.
func parseIntake(content []byte, takenOf func(intakeID) uint64) (id intakeID, left []*request, err error) {
	if len(content) <= intakePage {
		return id, nil, nil // nothing was written, or the file not even made
	}
	if id, err = parseIntakeHead(content); err != nil {
		return id, nil, err
	}
	taken := takenOf(id)
	frames := framesAfter(content, id, taken)
	next := taken + 1
	for _, f := range frames {
		if f.first > next {
			return id, nil, fmt.Errorf("the entries %d to %d are missing; to go on without, move the file away", next, f.first-1)
		}
		part, err := f.requests()
		if err != nil {
			return id, nil, err
		}
		left = append(left, part[next-f.first:]...)
		next = f.first + uint64(len(part))
	}
	return id, left, nil
}

func parseIntakeHead(content []byte) (id intakeID, err error) {
	rest, ok := bytes.CutPrefix(content, []byte(intakeMagic))
	if !ok {
		return id, errors.New("it is no intake of a store")
	}
	if version := binary.BigEndian.Uint32(rest); version != intakeVersion {
		return id, fmt.Errorf("its format is %d, known is %d", version, intakeVersion)
	}
	copy(id[:], rest[4:])
	end := len(intakeMagic) + 4 + intakeIDSize
	if binary.BigEndian.Uint32(content[end:]) != checksum(content[:end]) {
		return id, errors.New("its first page is damaged; to go on without what the file holds, move it away")
	}
	return id, nil
}

// A frame is one that is whole.
type frame struct {
	first   uint64
	serial  uint64
	count   uint32
	payload []byte
}

// framesAfter finds the frames that hold anything behind a place, in the order of their
// places.
func framesAfter(content []byte, id intakeID, taken uint64) (all []frame) {
	for at := intakePage; at < len(content); {
		f, ok := parseFrame(content[at:], id)
		if !ok {
			at += intakePage
			continue
		}
		at += (frameHeader + len(f.payload) + intakePage - 1) / intakePage * intakePage
		if last := f.first + uint64(f.count) - 1; f.count > 0 && last > taken && last >= f.first {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b frame) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.serial, a.serial))
	})
	return slices.CompactFunc(all, func(a, b frame) bool { return a.first == b.first })
}

// parseFrame reads the frame that stands first in b, when it is whole and of this file.
func parseFrame(b []byte, id intakeID) (f frame, ok bool) {
	if len(b) < frameHeader || string(b[:len(frameMagic)]) != frameMagic || !bytes.Equal(b[frameHeader-intakeIDSize:frameHeader], id[:]) {
		return f, false
	}
	length := uint64(binary.BigEndian.Uint32(b[len(frameMagic):]))
	if length > uint64(len(b)-frameHeader) {
		return f, false
	}
	whole := bytes.Clone(b[:frameHeader+int(length)])
	sum := binary.BigEndian.Uint32(whole[checksumAt:])
	clear(whole[checksumAt:][:4])
	if checksum(whole) != sum {
		return f, false
	}
	f.first = binary.BigEndian.Uint64(whole[len(frameMagic)+4:])
	f.count = binary.BigEndian.Uint32(whole[len(frameMagic)+12:])
	f.serial = binary.BigEndian.Uint64(whole[serialAt:])
	f.payload = whole[frameHeader:]
	return f, true
}

// requests returns the entries of a frame.
func (f *frame) requests() ([]*request, error) {
	d := decoder{b: f.payload}
	var all []*request
	for n := range uint64(f.count) {
		size := d.uint()
		if d.err != nil || size > uint64(len(d.b)) {
			return nil, fmt.Errorf("entry %d: %w", f.first+n, errShort)
		}
		r, err := requestOf(d.b[:size:size])
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", f.first+n, err)
		}
		r.place = f.first + n
		all = append(all, r)
		d.b = d.b[size:]
	}
	return all, d.end()
}

// requestOf makes a request of a record that nobody waits for.
func requestOf(record []byte) (*request, error) {
	e, err := decodeEntry(0, record, nil)
	if err != nil {
		return nil, err
	}
	r := &request{entry: &e, hash: number64(e.ContentHash), record: record}
	r.sender, r.prefix = senderKey(&e)
	e.ContentHash = nil
	return r, nil
}

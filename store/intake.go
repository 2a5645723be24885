package store

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
)

// The intake is a file beside the store's that entries are written to first, in one write
// that is synced. A commit of the B+tree needs several writes and two syncs, so that what
// waits for a commit waits several times as long, and many commits a second keep the disk
// from doing anything else. What is in the intake is answered for; the committer takes it
// into the journal soon after, much at once. After a crash, Open does.
//
// The file is a page with its name and identity, and two halves of frames that are written
// in turn: a half is written again when all that it holds is in the journal. A frame
// begins a page, so that no write touches what is on disk already. It holds the records
// of some entries, and the identity of the file: what senders make up passes for no frame.
// Each entry has a number of its own here, its place, from 1 without gaps. The journal
// notes the last place that it has taken in. A frame that could not be written may be on
// disk all the same; the next one begins with the same place and a higher serial number,
// and counts.
//
// There is an intake while a store is open that Keep was called for, and after a crash.

const (
	intakeMagic   = "cimwatch intake\n"
	intakeVersion = 1
	intakePage    = 4096
	intakeHalf    = 4 << 20
	intakeSize    = intakePage + 2*intakeHalf

	frameMagic  = "cwif"
	frameHeader = len(frameMagic) + 4 + 8 + 4 + 8 + 4 + intakeIDSize // length, first place, count, serial, checksum, identity
	serialAt    = len(frameMagic) + 4 + 8 + 4
	checksumAt  = serialAt + 8

	// growBy is how much is written at once where the file ends: a write that makes a file
	// longer takes twice as long as one into it.
	growBy = 512 << 10

	// maxFrame bounds a frame. What is larger is not written here.
	maxFrame = 1 << 20

	intakeIDSize = 16
)

// keyIntake is the identity of the intake that the journal has last taken entries from, and
// the last place it has taken.
var keyIntake = []byte("intake")

type intakeID [intakeIDSize]byte

func intakePath(path string) string { return path + ".intake" }

// errNoRoom tells that the half to be written next holds entries that are not in the
// journal yet.
var errNoRoom = errors.New("the intake is full")

// intake is written by one goroutine at a time, see queue.log, and told by the committer what
// was taken.
type intake struct {
	path  string
	file  *os.File // nil before the first entry
	id    intakeID
	size  [2]int    // of each half, as far as it was written ever
	half  int       // the one that is written
	at    int       // where in it
	place uint64    // the last that was written
	tried uint64    // frames, also those that failed
	ends  [2]uint64 // the last place in each half
	frame []byte

	mu    sync.Mutex
	taken uint64 // the last place that is in the journal, on disk
}

func newIntake(path string) *intake { return &intake{path: path} }

// create makes the file, in place of one that is of no use any more.
func (in *intake) create() (err error) {
	_, _ = rand.Read(in.id[:]) // never fails (crypto/rand)
	f, err := openSynced(in.path)
	if err != nil {
		return fmt.Errorf("create intake: %w", err)
	}
	if _, err = f.WriteAt(intakeHead(in.id), 0); err == nil {
		err = syncWritten(f)
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(in.path))
	}
	if err != nil {
		return fmt.Errorf("create intake: %w", errors.Join(err, f.Close()))
	}
	in.file = f
	return nil
}

// syncDirectory sees to it that a file that was created is found after a power cut.
func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// intakeHead returns the first page of an intake.
func intakeHead(id intakeID) []byte {
	b := make([]byte, 0, intakePage)
	b = append(b, intakeMagic...)
	b = binary.BigEndian.AppendUint32(b, intakeVersion)
	b = append(b, id[:]...)
	b = binary.BigEndian.AppendUint32(b, checksum(b))
	return b[:intakePage]
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// write writes the records of a batch, of which none is nil, and gives each its place.
// When it fails nothing was written; what it wrote all the same may be found after a crash.
func (in *intake) write(batch []*request) error {
	if in.file == nil {
		if err := in.create(); err != nil {
			return err
		}
	}
	in.tried++
	frame := in.encode(batch)
	if err := in.makeRoom(len(frame)); err != nil {
		return err
	}
	if err := in.grow(in.at + len(frame)); err != nil {
		return fmt.Errorf("write to intake: %w", err)
	}
	if _, err := in.file.WriteAt(frame, in.offset(in.at)); err != nil {
		return fmt.Errorf("write to intake: %w", err)
	}
	if err := syncWritten(in.file); err != nil {
		return fmt.Errorf("write to intake: %w", err)
	}
	for _, r := range batch {
		in.place++
		r.place = in.place
	}
	in.at += len(frame)
	in.ends[in.half] = in.place
	return nil
}

// offset returns where in the file a place of the half that is written is.
func (in *intake) offset(at int) int64 { return int64(intakePage + in.half*intakeHalf + at) }

// grow sees to it that the half has so many bytes.
func (in *intake) grow(to int) error {
	from := in.size[in.half]
	if to <= from {
		return nil
	}
	to = min((to+growBy-1)/growBy*growBy, intakeHalf)
	if _, err := in.file.WriteAt(make([]byte, to-from), in.offset(from)); err != nil {
		return err
	}
	in.size[in.half] = to
	return nil
}

// encode returns a frame, filled up to whole pages. The slice is used again.
func (in *intake) encode(batch []*request) []byte {
	b := in.frame[:0]
	b = append(b, frameMagic...)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint64(b, in.place+1)
	b = binary.BigEndian.AppendUint32(b, uint32(len(batch)))
	b = binary.BigEndian.AppendUint64(b, in.tried)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = append(b, in.id[:]...)
	for _, r := range batch {
		b = binary.AppendUvarint(b, uint64(len(r.record)))
		b = append(b, r.record...)
	}
	binary.BigEndian.PutUint32(b[len(frameMagic):], uint32(len(b)-frameHeader))
	binary.BigEndian.PutUint32(b[checksumAt:], checksum(b))
	if rest := len(b) % intakePage; rest > 0 {
		b = append(b, make([]byte, intakePage-rest)...)
	}
	in.frame = b
	return b
}

// makeRoom turns to the other half when the frame does not fit into the rest of this one.
func (in *intake) makeRoom(size int) error {
	if in.at+size <= intakeHalf {
		return nil
	}
	other := 1 - in.half
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ends[other] > in.taken {
		return errNoRoom
	}
	in.half, in.at = other, 0
	return nil
}

// take notes that the journal has the entries up to a place.
func (in *intake) take(place uint64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.taken = max(in.taken, place)
}

// close removes the file when all of it is in the journal.
func (in *intake) close() error {
	if in.file == nil {
		return nil
	}
	err := in.file.Close()
	if in.taken < in.place {
		return errors.Join(err, fmt.Errorf("%d entries are in %s alone: open the store again where it can be written", in.place-in.taken, in.path))
	}
	return errors.Join(err, os.Remove(in.path))
}

// record returns what the journal keeps of how far it has taken entries in.
func (in *intake) record(place uint64) []byte {
	return append(in.id[:len(in.id):len(in.id)], key64(place)...)
}

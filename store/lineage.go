package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// A Lineage tells journals apart: which one it is, and which ones it was before a file was put
// back from a backup. A journal that was put back has the entries of the one before up to a
// number, and gives the numbers after it again.
type Lineage []Branch

// A Branch is a journal from one Restore to the next.
type Branch struct {
	ID    [branchIDSize]byte
	After uint64 // the last number of the one before, 0 for the first
}

const (
	branchIDSize = 16
	branchSize   = branchIDSize + 8
)

// keyLineage is the lineage of the journal, but for its first branch: that follows from the
// secret of the file.
var keyLineage = []byte("lineage")

// Lineage returns what the journal is and was.
func (s *Store) Lineage(ctx context.Context) (Lineage, error) {
	secret, err := s.Secret(ctx)
	if err != nil {
		return nil, err
	}
	l := Lineage{firstBranch(secret)}
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		later, err := ParseLineage(tx.Bucket(bucketMeta).Get(keyLineage))
		l = append(l, later...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lineage of store: %w", err)
	}
	return l, nil
}

func firstBranch(secret []byte) (b Branch) {
	sum := sha256.Sum256(append([]byte("journal "), secret...))
	copy(b.ID[:], sum[:])
	return b
}

// LastWhole returns the number of the last entry that was in the journal before Open took in what a
// crash had left in the intake, which may have had other numbers before.
func (s *Store) LastWhole() uint64 { return s.whole }

// Bytes returns the lineage for ParseLineage.
func (l Lineage) Bytes() []byte {
	var b []byte
	for i := range l {
		b = binary.BigEndian.AppendUint64(append(b, l[i].ID[:]...), l[i].After)
	}
	return b
}

// ParseLineage returns the lineage that Bytes wrote down.
func ParseLineage(b []byte) (Lineage, error) {
	if len(b)%branchSize != 0 {
		return nil, errors.New("it is no lineage of a journal")
	}
	var l Lineage
	for ; len(b) > 0; b = b[branchSize:] {
		l = append(l, Branch{[branchIDSize]byte(b), binary.BigEndian.Uint64(b[branchIDSize:])})
	}
	return l, nil
}

// Shared returns the last number whose entry two journals have in common; same when they are
// one, and none is after it then. It is 0 for journals that have nothing to do with each other.
func (l Lineage) Shared(other Lineage) (last uint64, same bool) {
	n := 0
	for n < len(l) && n < len(other) && l[n] == other[n] {
		n++
	}
	if n == len(l) && n == len(other) {
		return 0, true
	}
	if n == 0 {
		return 0, false
	}
	// Later branches may leave off earlier than the first of them began: they were put back further.
	last = ^uint64(0)
	for _, branches := range []Lineage{l[n:], other[n:]} {
		for i := range branches {
			last = min(last, branches[i].After)
		}
	}
	return last, false
}

// branchOff makes the journal one of its own, after an entry.
func branchOff(tx *bbolt.Tx, after uint64) error {
	meta := tx.Bucket(bucketMeta)
	if len(meta.Get(keySecret)) != secretSize {
		return nil // nobody has asked which journal it is
	}
	b := Branch{After: after}
	_, _ = rand.Read(b.ID[:]) // never fails (crypto/rand)
	return meta.Put(keyLineage, append(append([]byte{}, meta.Get(keyLineage)...), Lineage{b}.Bytes()...))
}

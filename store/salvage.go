package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"go.etcd.io/bbolt"
)

// Salvaged is what became of a damaged file.
type Salvaged struct {
	Report *Report // of the new file, with which nothing is wrong

	Lost        []Finding // what could not be read, up to 1,000
	More        int       // beyond those
	LostEntries uint64    // of the journal, before the last that there was for all that is known
	Strays      int       // records that were found where nothing led to them any more
}

// Salvage makes a store at path of whatever can be read of a damaged one, as [Restore] does
// of a whole one. Where pages are lost that lead to others, it also looks for records in
// pages that nothing leads to: these may have been given up before, so that a component may
// be there as it was, or one that had been forgotten. Entries keep their numbers; those
// that are lost are noted in the file, which passes Check.
//
// The error is that of Restore, or ErrDamaged when nothing at all can be read.
func Salvage(ctx context.Context, damaged, path string, replace bool) (*Salvaged, error) {
	out := &Salvaged{}
	if err := out.salvage(ctx, damaged, path, replace); err != nil {
		return nil, fmt.Errorf("salvage store: %w", err)
	}
	return out, nil
}

func (out *Salvaged) salvage(ctx context.Context, damaged, path string, replace bool) (err error) {
	if err := differ(damaged, path); err != nil {
		return err
	}
	for _, file := range []string{path, damaged} {
		unlock, err := lock(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		defer func() { err = errors.Join(err, unlock()) }()
	}
	n, err := newFile(path, replace)
	if err != nil {
		return err
	}
	defer func() { err = n.end(err) }()
	if err := out.fill(ctx, damaged, n.temporary); err != nil {
		return err
	}
	if err := out.takeIn(n, intakePath(damaged)); err != nil {
		return err
	}
	if out.Report, err = Inspect(ctx, n.temporary, nil); err != nil {
		return err
	}
	if err := out.Report.Err(); err != nil {
		return err
	}
	if err := n.branchOff(); err != nil { // numbers may have been lost, and are given again
		return err
	}
	return n.place()
}

// takeIn brings the file to the present format and takes in the intake, when that can be read.
func (out *Salvaged) takeIn(n *newStore, intake string) error {
	if err := copyIntake(intake, intakePath(n.temporary)); err != nil {
		return err
	}
	s, err := Open(n.temporary, nil)
	if errors.Is(err, ErrFormat) {
		out.lose(PartIntake, err)
		if err := os.Remove(intakePath(n.temporary)); err != nil {
			return err
		}
		s, err = Open(n.temporary, nil)
	}
	if err != nil {
		return err
	}
	n.last, n.recovered = s.LastWhole(), true
	return s.Close()
}

func (out *Salvaged) lose(part string, err error) {
	if len(out.Lost) >= maxFindings {
		out.More++
		return
	}
	out.Lost = append(out.Lost, Finding{part, err.Error()})
}

// fill puts what can be read of a file into another.
func (out *Salvaged) fill(ctx context.Context, damaged, to string) (err error) {
	f, err := os.Open(damaged)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read from
	db, err := bbolt.Open(to, 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistArrayType})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := &salvager{out: out, db: db, compressor: newCompressor(), stopped: ctx.Err, strays: map[string]bool{}}
	for _, step := range []func() error{s.begin, func() error { return s.read(f) }, s.journal, s.inventory, s.end} {
		if err := step(); err != nil {
			return errors.Join(err, s.rollback())
		}
	}
	return db.Sync()
}

// pagesOf returns the pages of a file, and the root that its newest meta names, 0 when none
// is valid.
func pagesOf(f *os.File) (p pages, root uint64, err error) {
	info, err := f.Stat()
	if err != nil {
		return p, 0, err
	}
	meta, err := newestMeta(f)
	if err != nil {
		return p, 0, err
	}
	p = pages{file: f, pageSize: uint64(os.Getpagesize()), count: math.MaxInt32}
	if meta != nil {
		p.pageSize, p.count, root = uint64(meta.pageSize), meta.highWater, meta.root
	}
	p.count = min(p.count, uint64(info.Size())/p.pageSize)
	return p, root, nil
}

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"go.etcd.io/bbolt"
)

// PartIntake is the part of a [Finding] that is beside the file.
const PartIntake = "intake"

// The other parts of a file that are no buckets.
const (
	partFile  = "file"
	partPages = "pages"
)

// Report is what a file holds and what is wrong with it.
type Report struct {
	Format int   // version of the file's layout; 0 where it cannot be read
	Bytes  int64 // of the file

	Entries, Gaps, Hosts, Components, Changes int // that were read
	Intake                                    int // entries that a crash left beside the file, and are not in the journal

	Torn bool // the last write to the intake is not whole: a crash cut it, or what it held is damaged

	Complete bool // all was read: nothing was so damaged that its records had to be left out
	Findings []Finding
	More     int // findings beyond the first 1,000
}

func (r *Report) add(part, problem string) {
	if len(r.Findings) >= maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, Finding{part, problem})
}

// Err returns nil when nothing is wrong, and else an error with the first finding.
func (r *Report) Err() error {
	switch n := len(r.Findings) + r.More; n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%w: %w", ErrDamaged, r.Findings[0])
	default:
		return fmt.Errorf("%w in %d places, first: %w", ErrDamaged, n, r.Findings[0])
	}
}

// Inspect checks the file at path and the intake beside it, whatever may be wrong with
// them: pages, records that do not decode, numbers out of order, cursors beyond the
// journal, history and its index that disagree. Nothing is changed. Of a file whose pages
// are damaged the records are not checked. For each record step is called, unless it is nil.
// The error is ErrLocked when a writer has the file, ErrFormat when it is none of this
// package, or of another version.
func Inspect(ctx context.Context, path string, step func()) (*Report, error) {
	r := &Report{}
	if err := r.inspect(ctx, path, step); err != nil {
		return nil, fmt.Errorf("check store %s: %w", path, err)
	}
	return r, nil
}

func (r *Report) inspect(ctx context.Context, path string, step func()) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read from
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r.Bytes = info.Size()
	if err := checkSize(path); errors.Is(err, ErrFormat) {
		r.add(partFile, strings.TrimPrefix(err.Error(), ErrFormat.Error()+": "))
		return nil
	} else if err != nil {
		return err
	}
	db, err := openBolt(path, new((&Options{ReadOnly: true}).orDefaults()))
	if err != nil {
		return err
	}
	err = r.inspectOpen(ctx, f, db, step)
	return errors.Join(err, db.Close())
}

// inspectOpen checks a file that no writer has.
func (r *Report) inspectOpen(ctx context.Context, f *os.File, db *bbolt.DB, step func()) error {
	if err := r.walk(ctx, f, step); err != nil || len(r.Findings) > 0 {
		return err
	}
	return guarded(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			if err := checkFormat(tx); err != nil {
				return err
			}
			r.Format = int(number64(tx.Bucket(bucketMeta).Get(keyFormat)))
			r.Complete = true
			r.intake(tx, intakePath(f.Name()))
			c := &checker{stopped: ctx.Err, tx: tx, report: r, step: step}
			c.pages()
			return c.records()
		})
	})
}

// walk reads every page that holds something.
func (r *Report) walk(ctx context.Context, f *os.File, step func()) error {
	meta, err := newestMeta(f)
	if err != nil || meta == nil {
		return errors.Join(ErrFormat, err)
	}
	t := tree{
		pages: pages{file: f, pageSize: uint64(meta.pageSize), count: meta.highWater},
		damaged: func(names [][]byte, err error) {
			r.add(partPages, inBucket(names)+err.Error())
		},
		record: func([][]byte, []byte, []byte) {
			if step != nil {
				step()
			}
		},
		stop: func() bool { return ctx.Err() != nil },
	}
	t.walk(meta.root)
	if err := t.free(meta.freelist); err != nil {
		r.add(partPages, err.Error())
	}
	return ctx.Err()
}

// inBucket names the outermost bucket that something is in.
func inBucket(names [][]byte) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("in %s: ", names[0])
}

// intake checks what a crash left beside the file.
func (r *Report) intake(tx *bbolt.Tx, path string) {
	content, err := readIntake(path)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err == nil {
		var left []*request
		_, left, err = parseIntake(content, func(id intakeID) uint64 { return takenOf(tx, id) })
		r.Intake = len(left)
	}
	if err == nil {
		r.Torn, err = examineIntake(content, func(id intakeID) uint64 { return takenOf(tx, id) })
	}
	if err != nil {
		r.add(PartIntake, err.Error())
	}
}

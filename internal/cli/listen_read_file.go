package cli

import (
	"context"
	"errors"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// file prints the journal of a store's file. The file is open for a look only, so that it
// keeps nobody from it who would write.
func (r *reader) file(ctx context.Context, from web.From) error {
	said, after, placed := false, uint64(0), false
	for {
		err := r.look(ctx, func(j web.Journal) (err error) {
			if !placed {
				after, err = j.Position(ctx, from)
			}
			if placed = err == nil; err != nil {
				return err
			}
			after, err = r.some(ctx, j, after)
			return err
		})
		switch {
		case errors.Is(err, errRead):
			return nil
		case errors.Is(err, store.ErrLocked) && r.o.read.follow && !said:
			said = true
			note(r.env.Stderr, "another cimwatch has this file open; its journal can be read when it ends, or of a daemon with --address")
		case errors.Is(err, store.ErrLocked) && r.o.read.follow:
		case errors.Is(err, store.ErrLocked):
			return withHint(err, "a daemon has it open; give --address with its metrics address instead of --db")
		case errors.Is(err, errMore):
			continue
		case err != nil:
			return err
		case !r.o.read.follow:
			return nil
		}
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}

// errMore says that the journal has more than was read at once.
var errMore = errors.New("there is more")

// look opens the file as long as do runs.
func (r *reader) look(ctx context.Context, do func(web.Journal) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := openToRead(r.o.db)
	if err != nil {
		return storeHint(err, r.o.db, openHint)
	}
	if !r.looked {
		r.looked = true
		noteLeft(r.env.Stderr, s, r.o.db)
	}
	err = errors.Join(do(daemon.NewJournal(s, nil)), s.Close())
	if errors.Is(err, store.ErrDamaged) {
		err = storeHint(err, r.o.db, openHint)
	}
	return err
}

// some prints what there is after an entry, up to as much as is read at once.
func (r *reader) some(ctx context.Context, j web.Journal, after uint64) (uint64, error) {
	const most = 256
	count := 0
	for i, err := range j.Read(ctx, after, true) {
		if err == nil {
			err = r.print(&i)
		}
		if err != nil {
			return after, err
		}
		after = i.Entry
		if count++; count == most {
			return after, errMore
		}
	}
	return after, nil
}

package daemon

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// A standstill is that the inventory does not follow the journal. Several may find that at once;
// it is over when none of them does any more. The zero standstill is none.
type standstill struct {
	mu    sync.Mutex
	since time.Time // zero: there is none
	found [finders]error
}

// A finder is what found a standstill.
type finder int

// The finders, of which the first tells best why it is.
const (
	byDatabase finder = iota // the watch of the database
	byDoubt                  // the database cannot say what became of a transaction
	byFollower               // what follows the journal
	finders
)

// note notes what a finder found, nil for nothing, and that it is so since a time.
func (s *standstill) note(by finder, err error, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found[by] = err
	stands := errors.Join(s.found[:]...) != nil
	switch {
	case !stands:
		s.since = time.Time{}
	case s.since.IsZero():
		s.since = since
	}
}

// now returns since when there is a standstill, and why; nil: there is none.
func (s *standstill) now() (since time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, err := range s.found {
		if err != nil {
			return s.since, err
		}
	}
	return time.Time{}, nil
}

// standReason is why there is a standstill, the values of the label "reason".
type standReason string

const (
	standsUnreachable standReason = "unreachable"
	standsSilent      standReason = "silent"
	standsLocked      standReason = "locked"
	standsRefused     standReason = "refused"
	standsOther       standReason = "other" // such as a full disk
)

func standReasons() []standReason {
	return []standReason{standsUnreachable, standsSilent, standsLocked, standsRefused, standsOther}
}

// errStalled says that the database works on updates and ends none.
var errStalled = errors.New("no update of the database comes to an end")

// standReasonOf tells why there is a standstill, without the names in an error of the database.
func standReasonOf(err error) standReason {
	_, said := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	switch {
	case errors.Is(err, errStalled), errors.Is(err, context.DeadlineExceeded):
		return standsSilent
	case errors.Is(err, store.ErrLocked):
		return standsLocked
	case postgres.IsUnreachable(err):
		return standsUnreachable
	case said:
		return standsRefused
	default:
		return standsOther
	}
}

// String returns the reason in words.
func (r standReason) String() string {
	switch r {
	case standsUnreachable:
		return "the database cannot be reached"
	case standsSilent:
		return "the database does not answer"
	case standsLocked:
		return "another process keeps its inventory in the database"
	case standsRefused:
		return "the database refuses it, the log says why"
	default:
		return "the log says why"
	}
}

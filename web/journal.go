package web

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Indication is an entry of the journal as the API shows it. The path that it was sent to
// is not there: it is what a sender has to know.
type Indication struct {
	Entry      uint64     `json:"entry"` // number in the journal, from 1
	Received   time.Time  `json:"received"`
	Remote     string     `json:"remote"` // address and port of the sender
	Host       string     `json:"host"`
	Class      string     `json:"class"`
	Sequence   *Sequence  `json:"sequence"` // nil when the sender gave none
	Late       bool       `json:"late"`     // a later one of the sequence came before
	Properties Properties `json:"properties,omitempty"`
	Message    []byte     `json:"message,omitempty"` // as it was received; then there are no Properties
}

// Sequence is the place of an indication among those that its sender sent to one path.
type Sequence struct {
	Context string `json:"context"`
	Number  int64  `json:"number"`
}

// Cursor is how far a consumer of the journal has come.
type Cursor struct {
	Name  string `json:"name"`
	Entry uint64 `json:"entry"` // the last one that it has dealt with
}

// Journal is what the API reads indications from. A cursor keeps what its consumer has not
// read from being dropped.
type Journal interface {
	// Position returns the number of the entry before the place that from means.
	Position(ctx context.Context, from From) (uint64, error)
	// Read yields the entries after a number that are there, with their messages when
	// raw, else with their properties.
	Read(ctx context.Context, after uint64, raw bool) iter.Seq2[Indication, error]
	// Wait returns nil as soon as there is an entry after a number, and an error when
	// there will be none or ctx ends.
	Wait(ctx context.Context, after uint64) error

	// Cursors returns all cursors, by name.
	Cursors(ctx context.Context) ([]Cursor, error)
	// MakeCursor returns the cursor of that name, and makes it after an entry when there
	// is none. The error is ErrTooMany when there are too many.
	MakeCursor(ctx context.Context, name string, after uint64) (Cursor, error)
	// MoveCursor moves a cursor to an entry, ErrNotFound when there is none.
	MoveCursor(ctx context.Context, c Cursor) error
	// DeleteCursor forgets a cursor, ErrNotFound when there is none.
	DeleteCursor(ctx context.Context, name string) error
}

// ErrTooMany says that there is no room for one more.
var ErrTooMany = errors.New("too many")

// From is a place in the journal to read from. The zero From is its start.
type From struct {
	Entry uint64    // with this entry
	Time  time.Time // with the first entry since then
	Now   bool      // with the next entry that comes
}

// The words for places.
const (
	fromStart = "start"
	fromNow   = "now"
)

// ParseFrom reads "start", "now", the number of an entry, or a time in RFC 3339. "" is the
// start.
func ParseFrom(text string) (From, error) {
	switch text {
	case "", fromStart:
		return From{}, nil
	case fromNow:
		return From{Now: true}, nil
	}
	if entry, err := strconv.ParseUint(text, 10, 63); err == nil {
		return From{Entry: entry}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return From{}, fmt.Errorf("%.80q is not start, now, the number of an entry, or a time", text)
	}
	return From{Time: at}, nil
}

// String returns what ParseFrom reads.
func (f From) String() string {
	switch {
	case f.Now:
		return fromNow
	case !f.Time.IsZero():
		return f.Time.Format(time.RFC3339Nano)
	case f.Entry > 0:
		return strconv.FormatUint(f.Entry, 10)
	default:
		return fromStart
	}
}

// CheckCursorName returns an error for what is no name of a cursor: up to 64 letters,
// digits, points, dashes and underscores are.
func CheckCursorName(name string) error {
	if !regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`).MatchString(name) || name == "." || name == ".." {
		return fmt.Errorf("%.80q is not a name of up to 64 letters, digits, points, dashes and underscores", name)
	}
	return nil
}

// NewProperties returns properties as the API shows them.
func NewProperties(properties []cim.Property) Properties {
	views := make(Properties, 0, len(properties))
	for i := range properties {
		views = append(views, Property{Name: properties[i].Name, Value: valueJSON(properties[i].Value)})
	}
	return views
}

package store

import "errors"

// The errors that callers tell apart with errors.Is.
var (
	ErrFull       = errors.New("journal queue is full")              // from Append and Keep: try again later
	ErrClosed     = errors.New("store is closed")                    // also while it is closing
	ErrLocked     = errors.New("store is in use by another process") // from Open
	ErrReadOnly   = errors.New("store is open for reading only")
	ErrNotFound   = errors.New("not found")
	ErrFormat     = errors.New("not a file that this version can open") // from Open
	ErrCut        = errors.New("it was cut")                            // with ErrFormat: the file ends before its last page
	ErrFirstPages = errors.New("its first pages cannot be used")        // with ErrFormat: but all else says that it is a store's
	ErrDamaged    = errors.New("the store is damaged")
	ErrExists     = errors.New("there is a store already") // from Restore
)

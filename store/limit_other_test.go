//go:build !linux

package store_test

import "errors"

var errNoLimit = errors.New("no limit of file sizes on this system")

func limitFiles(uint64) error { return errNoLimit }

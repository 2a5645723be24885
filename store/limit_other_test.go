//go:build !linux

package store_test

import (
	"errors"
	"testing"
)

var errNoLimit = errors.New("no limit of file sizes on this system")

func limitFiles(uint64) error { return errNoLimit }

func mountSmall(t *testing.T) string {
	t.Helper()
	t.Skip("mounting is for Linux")
	return ""
}

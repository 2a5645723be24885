//go:build !linux

package store

import "go.etcd.io/bbolt"

// readahead is for systems that can be told what to fetch.
type readahead struct{}

func (*readahead) at(*bbolt.Tx, []byte)       {}
func (*readahead) anywhere(*bbolt.Tx, []byte) {}

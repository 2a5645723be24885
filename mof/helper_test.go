package mof_test

import (
	"errors"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

// fatalErrors reports everything that is wrong.
func fatalErrors(t testing.TB, err error) {
	t.Helper()
	if list, ok := errors.AsType[mof.ErrorList](err); ok {
		for _, e := range list {
			t.Error(e)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

package cim_test

import (
	"slices"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// TestInteropNamespaces changes a list, which is nobody else's.
func TestInteropNamespaces(t *testing.T) {
	list := cim.InteropNamespaces()
	for n, name := range list {
		if name == "" || name != cim.CleanNamespace(name) || slices.Contains(list[:n], name) {
			t.Errorf("%q is empty, not clean or there twice", name)
		}
	}
	list[0] = "changed"
	if cim.InteropNamespaces()[0] == "changed" {
		t.Error("the list is shared")
	}
}

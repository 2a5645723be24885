package store_test

import (
	"path/filepath"
	"testing"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// TestInventoryContract holds the inventory of a file to what store.Inventory promises.
func TestInventoryContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Opener {
		path := filepath.Join(t.TempDir(), "cimwatch.db")
		t.Cleanup(func() { storetest.Check(t, path) })
		return func() (store.Inventory, func() error, error) {
			s, err := store.Open(path, nil)
			if err != nil {
				return nil, nil, err
			}
			for n := s.LastNumber(); n < storetest.Entries; n++ {
				if err := s.Keep(t.Context(), entry(int64(n+1))); err != nil {
					return nil, nil, err
				}
			}
			return s.Inventory(), s.Close, s.Flush(t.Context())
		}
	})
}

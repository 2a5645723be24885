package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
)

var keySecret = []byte("secret")

const secretSize = 32

// Secret returns random bytes that are made once for the file and stay the same: the root
// of what must be unguessable and yet survive a restart, such as the paths of a listener.
func (s *Store) Secret(ctx context.Context) ([]byte, error) {
	var secret []byte
	err := s.Update(ctx, func(tx *Tx) error {
		meta := tx.tx.Bucket(bucketMeta)
		if secret = slices.Clone(meta.Get(keySecret)); len(secret) == secretSize {
			return nil
		}
		secret = make([]byte, secretSize)
		_, _ = rand.Read(secret) // never fails (crypto/rand)
		return meta.Put(keySecret, secret)
	})
	if err != nil {
		return nil, fmt.Errorf("secret of store: %w", err)
	}
	return secret, nil
}

package listener

import "crypto/sha256"

// A pathSet holds the hashes of paths.
type pathSet map[[sha256.Size]byte]struct{}

// SetPaths changes the paths that are served, as when hosts are added, for all requests
// from now on. Without any, every path is unknown.
func (s *Server) SetPaths(paths []string) {
	set := make(pathSet, len(paths))
	for _, p := range paths {
		set[sha256.Sum256([]byte(p))] = struct{}{}
	}
	s.paths.Store(&set)
}

// served reports whether a path is among those served. Paths are compared by hash, so
// the time it takes depends on nothing that a sender could use to find one.
func (s *Server) served(path string) bool {
	set := s.paths.Load()
	if set == nil {
		return true
	}
	_, ok := (*set)[sha256.Sum256([]byte(path))]
	return ok
}

package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func (s *Server) deleteInstance(ctx context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	path, err := s.instanceName(req, "InstanceName")
	if err != nil {
		return nil, err
	}
	gone, err := s.Delete(path)
	if err != nil {
		return nil, err
	}
	if s.opts.Lifecycle && !s.isInterop(path.Namespace) {
		s.announce(ctx, Deletion(gone))
	}
	return &cimxml.Response{}, nil
}

// Delete removes the instance at path, which must hold a namespace, as DeleteInstance of
// a client does, and returns it. No indication is sent; see [Deletion]. The error is a
// [cim.Error].
func (s *Server) Delete(path cim.ObjectPath) (*cim.Instance, error) {
	path = s.resolve(path, "")
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.repository.get(path)
	if i == nil {
		return nil, cim.Errorf(cim.StatusNotFound, notFound)
	}
	if rules := s.rulesFor(path.Namespace, i.Class); rules != nil {
		if err := rules.deleted(s, i); err != nil {
			return nil, err
		}
	}
	s.repository.remove(path)
	return i, nil
}

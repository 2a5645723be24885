package simulator

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// operation answers an intrinsic method (DSP0200 section 5.3). The namespace of the
// request exists.
type operation func(*Server, context.Context, *cimxml.Request) (*cimxml.Response, error)

// perform answers a request, whatever it is.
func (s *Server) perform(ctx context.Context, req *cimxml.Request) *cimxml.Response {
	resp, err := s.dispatch(ctx, req)
	if err == nil {
		return resp
	}
	refused := refusal(err)
	if refused.Status == cim.StatusFailed {
		s.logger.WarnContext(ctx, "operation failed", "operation", req.Method, "error", err)
	}
	return &cimxml.Response{Err: refused}
}

func (s *Server) dispatch(ctx context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	if req.Extrinsic() {
		return s.invokeMethod(ctx, req)
	}
	op := operationNamed(req.Method)
	if op == nil {
		return nil, cim.Errorf(cim.StatusNotSupported, "%s: %s", req.Method, notSupported)
	}
	if _, err := s.namespaceNamed(req.Namespace); err != nil {
		return nil, err
	}
	return op(s, ctx, req)
}

func (s *Server) namespaceNamed(name string) (*namespace, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.repository.namespace(name)
}

// required returns a parameter that names a class or an instance.
func required(req *cimxml.Request, name string) (cim.ObjectPath, error) {
	p := req.Path(name)
	if p.Class == "" {
		return p, cim.Errorf(cim.StatusInvalidParameter, "%s is missing", name)
	}
	return p, nil
}

// instanceName returns a parameter that names an instance of a class that exists.
func (s *Server) instanceName(req *cimxml.Request, name string) (cim.ObjectPath, error) {
	p, err := required(req, name)
	if err != nil {
		return p, err
	}
	if _, err := s.class(p.Class); err != nil {
		return p, err
	}
	// A name in an intrinsic call is relative to the namespace of the call.
	return s.resolve(p.Relative(), req.Namespace), nil
}

// instances returns a result of instances.
func instances(form cimxml.Form, list iter.Seq[*cim.Instance], view func(*cim.Instance) *cim.Instance) *cimxml.Response {
	return &cimxml.Response{Form: form, Result: func(yield func(cim.Value) bool) {
		for i := range list {
			if !yield(cim.EmbeddedInstance(view(i))) {
				return
			}
		}
	}}
}

// paths returns a result of object paths.
func paths(form cimxml.Form, list iter.Seq[cim.ObjectPath]) *cimxml.Response {
	return &cimxml.Response{Form: form, Result: func(yield func(cim.Value) bool) {
		for p := range list {
			if !yield(cim.Reference(p)) {
				return
			}
		}
	}}
}

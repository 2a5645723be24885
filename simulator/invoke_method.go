package simulator

import (
	"context"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// Call is a call of an extrinsic method.
type Call struct {
	Server *Server
	Object cim.ObjectPath  // the class or instance it was called on, with its namespace
	Method string          // as the class declares it
	In     []cim.Parameter // what the caller gave, with the declared types
}

// Get returns a parameter's value, the zero Value, which is NULL, when the caller left
// it out.
func (c *Call) Get(name string) cim.Value {
	for i := range c.In {
		if cim.EqualNames(c.In[i].Name, name) {
			return c.In[i].Value
		}
	}
	return cim.Value{}
}

// Text returns a string parameter, "" when it is missing, NULL or of another type.
func (c *Call) Text(name string) string {
	text, _ := c.Get(name).Text()
	return text
}

// MethodFunc answers calls of a method with a return value and output parameters. The
// caller gets to see the error when it is a [cim.Error]. It may be called by several
// goroutines at once, and may call any method of the Server.
type MethodFunc func(ctx context.Context, call *Call) (cim.Value, []cim.Parameter, error)

// HandleMethod makes f answer calls of a method of class and of the classes below it
// that have no handler of their own. Methods that are declared and have no handler are
// answered with StatusNotSupported. The error tells that the schema has no such method.
func (s *Server) HandleMethod(class, method string, f MethodFunc) error {
	c, err := s.class(class)
	if err != nil {
		return err
	}
	if c.Method(method) == nil {
		return cim.Errorf(cim.StatusMethodNotFound, "%s has no method %s", class, method)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.methods[methodKey{cim.FoldName(class), cim.FoldName(method)}] = f
	return nil
}

type methodKey struct{ class, method string }

func (s *Server) invokeMethod(ctx context.Context, req *cimxml.Request) (*cimxml.Response, error) {
	object := s.resolve(req.Object, defaultNamespace)
	if _, err := s.namespaceNamed(object.Namespace); err != nil {
		return nil, err
	}
	class, err := s.class(object.Class)
	if err != nil {
		return nil, err
	}
	declared := class.Method(req.Method)
	if declared == nil {
		return nil, cim.Errorf(cim.StatusMethodNotFound, "The specified extrinsic Method does not exist")
	}
	if object.IsInstance() {
		if _, err := s.Instance(object); err != nil {
			return nil, err
		}
	}
	f := s.methodHandler(class.Name, declared.Name)
	if f == nil {
		return nil, cim.Errorf(cim.StatusNotSupported, notSupported)
	}
	in, err := s.arguments(declared, req.Params, object.Namespace)
	if err != nil {
		return nil, err
	}
	result, out, err := f(ctx, &Call{Server: s, Object: object, Method: declared.Name, In: in})
	if err != nil {
		return nil, err
	}
	return &cimxml.Response{Return: result, Out: out}, nil
}

func (s *Server) methodHandler(class, method string) MethodFunc {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, c := range append([]string{class}, s.schema.Ancestors(class)...) {
		if f := s.methods[methodKey{cim.FoldName(c), cim.FoldName(method)}]; f != nil {
			return f
		}
	}
	return nil
}

// arguments gives what the caller sent the types that the method declares: PARAMTYPE is
// optional, and wbemcli leaves it out (observed).
func (s *Server) arguments(m *cim.Method, given []cim.Parameter, namespace string) ([]cim.Parameter, error) {
	in := make([]cim.Parameter, len(given))
	for i, p := range given {
		declared := parameter(m, p.Name)
		if declared == nil {
			return nil, cim.Errorf(cim.StatusInvalidParameter, "%s has no parameter %s", m.Name, p.Name)
		}
		v, err := s.read(declared.Value, p.Value, namespace)
		if err != nil {
			return nil, cim.Errorf(refusal(err).Status, "%s: %s", p.Name, description(err))
		}
		in[i] = cim.Parameter{Name: declared.Name, Value: v, Embedded: p.Embedded}
	}
	return in, nil
}

func parameter(m *cim.Method, name string) *cim.Parameter {
	for i := range m.Parameters {
		if cim.EqualNames(m.Parameters[i].Name, name) {
			return &m.Parameters[i]
		}
	}
	return nil
}

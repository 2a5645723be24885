package simulator

import (
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/query"
)

// opened is what an Open operation makes an enumeration of.
type opened struct {
	form   cimxml.Form
	source source
	value  func(*cim.Instance) cim.Value
	extra  []cim.Parameter // of the answer to the Open operation
}

// open answers an Open operation with the first objects, and keeps the rest.
func (s *Server) open(req *cimxml.Request, o opened) (*cimxml.Response, error) {
	if req.Flag("ContinueOnError", false) {
		return nil, cim.Errorf(cim.StatusContinuationNotSupported, "ContinueOnError is not supported")
	}
	kept, err := operationTimeout(req)
	if err != nil {
		return nil, err
	}
	most, err := objectCount(req, false)
	if err != nil {
		return nil, err
	}
	e := &enumeration{
		namespace: cim.CleanNamespace(req.Namespace), form: o.form, value: o.value, source: o.source, kept: kept,
	}
	piece := e.take(most)
	if !e.ended() {
		if err := s.enumerations.add(e, s.opts.Now()); err != nil {
			return nil, err
		}
	}
	resp := e.answer(piece, func() {})
	resp.Out = append(resp.Out, o.extra...)
	return resp, nil
}

// pull answers a Pull operation with the next objects of an enumeration of a form.
func (s *Server) pull(req *cimxml.Request, form cimxml.Form) (*cimxml.Response, error) {
	most, err := objectCount(req, true)
	if err != nil {
		return nil, err
	}
	e, err := s.enumerations.begin(req, form, s.opts.Now())
	if err != nil {
		return nil, err
	}
	return e.answer(e.take(most), func() { s.enumerations.pause(e, s.opts.Now()) }), nil
}

// answer returns an answer with objects and the place reached. written is called once
// the objects are.
func (e *enumeration) answer(piece []*cim.Instance, written func()) *cimxml.Response {
	context := cim.String(e.context)
	if e.ended() {
		context = cim.Null(cim.TypeString)
	}
	return &cimxml.Response{
		Form: e.form,
		Result: func(yield func(cim.Value) bool) {
			defer written()
			for _, i := range piece {
				if !yield(e.value(i)) {
					return
				}
			}
		},
		Out: []cim.Parameter{
			cim.Param("EnumerationContext", context),
			cim.Param("EndOfSequence", cim.Boolean(e.ended())),
		},
	}
}

// operationTimeout reads how long an enumeration is to be kept between two operations.
// Keeping it for ever, 0, is refused.
func operationTimeout(req *cimxml.Request) (time.Duration, error) {
	seconds, ok, err := count(req, "OperationTimeout")
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return defaultKept, nil
	}
	kept := time.Duration(seconds) * time.Second
	if kept == 0 || kept > maxKept {
		return 0, cim.Errorf(cim.StatusInvalidOperationTimeout, "OperationTimeout is %d, expected 1 to %.0f", seconds, maxKept.Seconds())
	}
	return kept, nil
}

func objectCount(req *cimxml.Request, required bool) (int, error) {
	n, ok, err := count(req, "MaxObjectCount")
	switch {
	case err != nil:
		return 0, err
	case !ok && required:
		return 0, cim.Errorf(cim.StatusInvalidParameter, "MaxObjectCount is missing")
	case n > maxObjectCount:
		return 0, cim.Errorf(cim.StatusInvalidParameter, "MaxObjectCount is %d, expected at most %d", n, maxObjectCount)
	}
	return int(n), nil
}

// count reads a parameter of type uint32; ok is false when it is missing or NULL.
func count(req *cimxml.Request, name string) (n uint64, ok bool, err error) {
	v := req.Param(name)
	if v.IsNull() {
		return 0, false, nil
	}
	if v, err = parse(cim.TypeUint32, v); err != nil {
		return 0, false, cim.Errorf(cim.StatusInvalidParameter, "%s: %s", name, description(err))
	}
	n, ok = v.Uint64()
	return n, ok, nil
}

// filterLanguage is the only one that filters enumerations (DSP0212). Its grammar is what
// stands behind WHERE in a query.
const filterLanguage = "DMTF:FQL"

// anyClass stands for the class of a filter whose instances are of no common class.
const anyClass = "Instance"

// filter returns the condition that the filter of an Open operation makes, one that is
// always true when there is no filter.
func (s *Server) filter(req *cimxml.Request, class string) (func(*cim.Instance) bool, error) {
	language, hasLanguage := req.Param("FilterQueryLanguage").Text()
	text, hasText := req.Param("FilterQuery").Text()
	switch {
	case !hasLanguage && !hasText:
		return func(*cim.Instance) bool { return true }, nil
	case !hasLanguage || !hasText:
		return nil, cim.Errorf(cim.StatusInvalidParameter, "FilterQuery and FilterQueryLanguage go together")
	case !cim.EqualNames(language, filterLanguage):
		return nil, cim.Errorf(cim.StatusQueryLanguageNotSupported, "FilterQueryLanguage is %q, expected %s", language, filterLanguage)
	}
	if class == "" {
		class = anyClass
	}
	whole := "SELECT * FROM " + class + " WHERE " + text
	q, err := query.Parse("DMTF:CQL", whole)
	if err != nil {
		return nil, cim.Errorf(cim.StatusInvalidQuery, "FilterQuery, read as %q: %s", whole, description(err))
	}
	isA := func(name, ancestor string) bool { return ancestor == anyClass || s.schema.IsA(name, ancestor) }
	return func(i *cim.Instance) bool { return q.Match(i, isA) }, nil
}

// withPath returns what o asks for of an instance, with its full path.
func (s *Server) withPath(i *cim.Instance, o cim.ReadOptions, base *cim.Class) cim.Value {
	v := *s.view(i, o, base)
	v.Path.Host = s.opts.HostName
	return cim.EmbeddedInstance(&v)
}

// fullPath returns the full path of an instance.
func (s *Server) fullPath(i *cim.Instance) cim.Value {
	path := i.Path
	path.Host = s.opts.HostName
	return cim.Reference(path)
}

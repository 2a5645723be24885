package simulator

import (
	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// readOptions reads the parameters of DSP0200 that say how much of an object is wanted.
// A missing LocalOnly counts as false, not as the true of DSP0200, since no server is
// known to hold back inherited properties unasked (observed: sfcb).
func readOptions(req *cimxml.Request, qualifiers, deep bool) cim.ReadOptions {
	return cim.ReadOptions{
		LocalOnly:          req.Flag("LocalOnly", false),
		Shallow:            !req.Flag("DeepInheritance", deep),
		IncludeQualifiers:  req.Flag("IncludeQualifiers", qualifiers),
		IncludeClassOrigin: req.Flag("IncludeClassOrigin", false),
		Properties:         req.Names("PropertyList"),
	}
}

// view returns what o asks for of an instance. base is the class that was enumerated,
// nil when nothing was.
func (s *Server) view(i *cim.Instance, o cim.ReadOptions, base *cim.Class) *cim.Instance {
	class := s.schema.Class(i.Class)
	if class == nil {
		return i
	}
	whole := !o.LocalOnly && (!o.Shallow || base == nil) && o.Properties == nil && !o.IncludeClassOrigin
	if whole && (o.IncludeQualifiers || len(i.Qualifiers) == 0) {
		return i
	}
	v := &cim.Instance{Class: i.Class, Path: i.Path}
	if o.IncludeQualifiers {
		v.Qualifiers = i.Qualifiers
	}
	for n := range i.Properties {
		p := i.Properties[n]
		declared := class.Property(p.Name)
		switch {
		case o.LocalOnly && declared.Propagated,
			o.Shallow && base != nil && base.Property(p.Name) == nil,
			o.Properties != nil && !contains(o.Properties, p.Name):
			continue
		}
		if o.IncludeClassOrigin {
			p.ClassOrigin = declared.ClassOrigin
		}
		v.Properties = append(v.Properties, p)
	}
	return v
}

// viewClass returns what o asks for of a class.
func viewClass(c *cim.Class, o cim.ReadOptions) *cim.Class {
	v := &cim.Class{Name: c.Name, SuperClass: c.SuperClass, Path: c.Path}
	v.Qualifiers = viewQualifiers(c.Qualifiers, o)
	for n := range c.Properties {
		p := c.Properties[n]
		if o.LocalOnly && p.Propagated || o.Properties != nil && !contains(o.Properties, p.Name) {
			continue
		}
		p.Qualifiers = viewQualifiers(p.Qualifiers, o)
		if !o.IncludeClassOrigin {
			p.ClassOrigin = ""
		}
		v.Properties = append(v.Properties, p)
	}
	for n := range c.Methods {
		m := c.Methods[n]
		if o.LocalOnly && m.Propagated {
			continue
		}
		v.Methods = append(v.Methods, viewMethod(m, o))
	}
	return v
}

func viewMethod(m cim.Method, o cim.ReadOptions) cim.Method {
	m.Qualifiers = viewQualifiers(m.Qualifiers, o)
	parameters := make([]cim.Parameter, len(m.Parameters))
	for i, p := range m.Parameters {
		parameters[i] = p
		parameters[i].Qualifiers = viewQualifiers(p.Qualifiers, o)
	}
	m.Parameters = parameters
	if !o.IncludeClassOrigin {
		m.ClassOrigin = ""
	}
	return m
}

func viewQualifiers(qualifiers []cim.Qualifier, o cim.ReadOptions) []cim.Qualifier {
	if !o.IncludeQualifiers {
		return nil
	}
	if !o.LocalOnly {
		return qualifiers
	}
	var local []cim.Qualifier
	for _, q := range qualifiers {
		if !q.Propagated {
			local = append(local, q)
		}
	}
	return local
}

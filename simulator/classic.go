package simulator

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// classic returns a request for the operation that an Open operation replaces, and any
// other request as it is.
func classic(req *cimxml.Request) *cimxml.Request {
	method := classicMethod(req.Method)
	if method == "" {
		return req
	}
	other := *req
	other.Method, other.Params = method, slices.Clone(req.Params)
	for i := range other.Params {
		p := &other.Params[i]
		switch cim.FoldName(p.Name) {
		case "instancename":
			p.Name = "ObjectName"
		case "filterquerylanguage":
			p.Name = "QueryLanguage"
		case "filterquery":
			p.Name = "Query"
		}
	}
	return &other
}

func classicMethod(open string) string {
	switch open {
	case "OpenEnumerateInstances":
		return "EnumerateInstances"
	case "OpenEnumerateInstancePaths":
		return "EnumerateInstanceNames"
	case "OpenAssociatorInstances":
		return "Associators"
	case "OpenAssociatorInstancePaths":
		return "AssociatorNames"
	case "OpenReferenceInstances":
		return "References"
	case "OpenReferenceInstancePaths":
		return "ReferenceNames"
	case "OpenQueryInstances":
		return "ExecQuery"
	default:
		return ""
	}
}

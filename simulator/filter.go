package simulator

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/query"
)

// filter is a CIM_IndicationFilter as it works.
type filter struct {
	name       string
	query      *query.Query
	namespaces []string // that indications come from
}

type filterRules struct{}

// prepare accepts a query on a class or a namespace that does not exist: that becomes an
// error when something subscribes to it (observed: sfcb).
func (filterRules) prepare(s *Server, i *cim.Instance) error {
	s.fillKeys(i)
	if i.Get("Query").IsNull() || i.Get("QueryLanguage").IsNull() {
		return cim.Errorf(cim.StatusFailed, "Query and/or Language property not found")
	}
	if _, err := query.Parse(i.Text("QueryLanguage"), i.Text("Query")); err != nil {
		return err
	}
	source := i.Text("SourceNamespace")
	if source == "" {
		source = s.opts.Interop
	}
	setDefault(i, "SourceNamespaces", cim.Strings(source))
	if v := i.Get("SourceNamespaces"); v.Len() > 0 {
		setDefault(i, "SourceNamespace", v.Elements()[0])
	}
	setDefault(i, "SourceNamespace", cim.String(source))
	setDefault(i, "IndividualSubscriptionSupported", cim.Boolean(true))
	return nil
}

func (filterRules) created(s *Server, i *cim.Instance) error {
	q, err := query.Parse(i.Text("QueryLanguage"), i.Text("Query"))
	if err != nil {
		return err
	}
	f := &filter{name: i.Text("Name"), query: q}
	for _, v := range i.Get("SourceNamespaces").Elements() {
		if name, ok := v.Text(); ok {
			f.namespaces = append(f.namespaces, cim.CleanNamespace(name))
		}
	}
	if f.namespaces == nil {
		f.namespaces = []string{cim.CleanNamespace(i.Text("SourceNamespace"))}
	}
	s.indications.filters[i.Path.Canonical()] = f
	return nil
}

func (filterRules) modified(*Server, *cim.Instance) error {
	return cim.Errorf(cim.StatusNotSupported, "ModifyInstance for class not supported")
}

func (filterRules) deleted(s *Server, i *cim.Instance) error {
	key := i.Path.Canonical()
	f := s.indications.filters[key]
	if slices.ContainsFunc(s.indications.subscriptions, func(sub *subscription) bool { return sub.filter == f }) {
		return cim.Errorf(cim.StatusFailed, "Filter in use")
	}
	delete(s.indications.filters, key)
	return nil
}

// hears reports whether indications from a namespace pass the filter.
func (f *filter) hears(namespace string) bool {
	return contains(f.namespaces, namespace)
}

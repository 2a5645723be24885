package subscriber_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// server is a CIM server in memory that keeps filters, handlers and subscriptions as
// sfcb does: the same refusals, with the same status.
type server struct {
	interop   string
	parents   map[string]string // class to superclass, both in lower case
	sources   []string          // the classes that have an indication provider
	instances []*cim.Instance
	calls     []string                            // what was asked, reads by "?" in front
	fault     func(call string) error             // asked before each call; nil: no faults
	style     func(cim.ObjectPath) cim.ObjectPath // how references are written; nil: as they came
	rewrite   func(*cim.Instance)                 // what the server makes of an instance that it is given; nil: nothing
}

func newServer() *server {
	return &server{
		interop: "root/interop",
		parents: map[string]string{
			"cim_indicationfilter": "", "cim_indicationsubscription": "", "cim_listenerdestination": "",
			"cim_indicationhandler": "cim_listenerdestination", "cim_indicationhandlercimxml": "cim_indicationhandler",
			"cim_listenerdestinationcimxml": "cim_listenerdestination", "cim_objectmanager": "",
		},
		sources: []string{"CIM_AlertIndication", "CIM_InstModification", "OMC_IpmiAlertIndication"},
		instances: []*cim.Instance{{
			Class: "CIM_ObjectManager", Path: cim.InstancePath("root/interop", "CIM_ObjectManager"),
			Properties: []cim.Property{
				cim.Prop("SystemCreationClassName", cim.String("CIM_ComputerSystem")), cim.Prop("SystemName", cim.String("esx1")),
			},
		}},
	}
}

func (s *server) call(format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	s.calls = append(s.calls, call)
	if s.fault == nil {
		return nil
	}
	return s.fault(call)
}

// changes returns the calls that were no reads.
func (s *server) changes() []string {
	var list []string
	for _, c := range s.calls {
		if !strings.HasPrefix(c, "?") {
			list = append(list, c)
		}
	}
	return list
}

func (s *server) has(namespace, class string, missing cim.Status) error {
	if !cim.EqualNames(namespace, s.interop) {
		return cim.Errorf(cim.StatusInvalidNamespace, "Invalid namespace")
	}
	if _, ok := s.parents[cim.FoldName(class)]; !ok {
		return cim.Errorf(missing, "Class not found")
	}
	return nil
}

func (s *server) isA(class, ancestor string) bool {
	for c := cim.FoldName(class); c != ""; c = s.parents[c] {
		if c == cim.FoldName(ancestor) {
			return true
		}
	}
	return false
}

func (s *server) GetClass(_ context.Context, namespace, class string, _ *cim.ReadOptions) (*cim.Class, error) {
	if err := s.call("?class %s:%s", namespace, class); err != nil {
		return nil, err
	}
	return &cim.Class{Name: class}, s.has(namespace, class, cim.StatusNotFound)
}

func (s *server) EnumerateInstances(_ context.Context, namespace, class string, _ *cim.ReadOptions) iter.Seq2[*cim.Instance, error] {
	return func(yield func(*cim.Instance, error) bool) {
		err := s.call("?instances %s", class)
		if err == nil {
			err = s.has(namespace, class, cim.StatusInvalidClass)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for _, inst := range slices.Clone(s.instances) {
			if s.isA(inst.Class, class) && !yield(s.written(inst), nil) {
				return
			}
		}
	}
}

// written is how the server writes an instance that it holds: with its host's name and
// references in its own style.
func (s *server) written(inst *cim.Instance) *cim.Instance {
	c := inst.Clone()
	c.Path.Host = "vm"
	if s.style == nil {
		return c
	}
	for i, p := range c.Properties {
		if ref, ok := p.Value.Reference(); ok {
			c.Properties[i].Value = cim.Reference(s.style(ref))
		}
	}
	return c
}

func (s *server) CreateInstance(_ context.Context, namespace string, inst *cim.Instance) (cim.ObjectPath, error) {
	if err := s.call("create %s", label(inst)); err != nil {
		return cim.ObjectPath{}, err
	}
	if err := s.has(namespace, inst.Class, cim.StatusInvalidClass); err != nil {
		return cim.ObjectPath{}, err
	}
	names := []string{"SystemCreationClassName", "SystemName", "CreationClassName", "Name"}
	check := s.checkObject
	if inst.Class == "CIM_IndicationSubscription" {
		names, check = []string{"Filter", "Handler"}, s.checkSubscription
	}
	if err := check(inst); err != nil {
		return cim.ObjectPath{}, err
	}
	var keys []cim.Key
	for _, name := range names {
		if inst.Get(name).IsNull() {
			return cim.ObjectPath{}, cim.Errorf(cim.StatusFailed, "%s property not found", name)
		}
		keys = append(keys, cim.Key{Name: name, Value: inst.Get(name)})
	}
	stored := inst.Clone()
	stored.Path = cim.InstancePath(namespace, inst.Class, keys...)
	if s.find(stored.Path) >= 0 {
		return cim.ObjectPath{}, cim.Errorf(cim.StatusAlreadyExists, "an object already exists")
	}
	if s.rewrite != nil {
		s.rewrite(stored)
	}
	s.instances = append(s.instances, stored)
	return stored.Path.Relative(), nil
}

func (s *server) checkObject(inst *cim.Instance) error {
	switch {
	case inst.Class != "CIM_IndicationFilter" && inst.Text("Destination") == "":
		return cim.Errorf(cim.StatusFailed, "Destination property not found; is required")
	case inst.Class != "CIM_IndicationFilter":
		return nil
	case inst.Text("Query") == "":
		return cim.Errorf(cim.StatusFailed, "Query property not found")
	case !slices.Contains([]string{"WQL", "CIM:CQL", "DMTF:CQL"}, inst.Text("QueryLanguage")):
		return cim.Errorf(cim.StatusQueryLanguageNotSupported, "")
	case !strings.HasPrefix(inst.Text("Query"), "SELECT "):
		return cim.Errorf(cim.StatusInvalidQuery, "syntax error")
	default:
		return nil
	}
}

func (s *server) checkSubscription(inst *cim.Instance) error {
	for _, role := range []string{"Filter", "Handler"} {
		ref, ok := inst.Get(role).Reference()
		at := s.find(ref)
		if !ok || at < 0 {
			return cim.Errorf(cim.StatusNotFound, "%s not found", role)
		}
		words := strings.Fields(s.instances[at].Text("Query"))
		if role == "Filter" && !slices.ContainsFunc(s.sources, func(class string) bool { return cim.EqualNames(class, words[3]) }) {
			return cim.Errorf(cim.StatusNotSupported, "no provider for %s", words[3])
		}
	}
	return nil
}

func (s *server) DeleteInstance(_ context.Context, path cim.ObjectPath) error {
	at := s.find(path)
	what := "what is gone"
	if at >= 0 {
		what = label(s.instances[at])
	}
	if err := s.call("delete %s", what); err != nil {
		return err
	}
	if at < 0 {
		return cim.Errorf(cim.StatusNotFound, "Instance not found")
	}
	for _, inst := range s.instances {
		for _, role := range []string{"Filter", "Handler"} {
			if ref, ok := inst.Get(role).Reference(); ok && ref.Equal(path) {
				return cim.Errorf(cim.StatusFailed, "%s in use", role)
			}
		}
	}
	s.instances = slices.Delete(s.instances, at, at+1)
	return nil
}

func (s *server) find(path cim.ObjectPath) int {
	return slices.IndexFunc(s.instances, func(inst *cim.Instance) bool { return inst.Path.Equal(path) })
}

// of returns the labels of the instances below a class.
func (s *server) of(class string) []string {
	var list []string
	for _, inst := range s.instances {
		if s.isA(inst.Class, class) {
			list = append(list, label(inst))
		}
	}
	slices.Sort(list)
	return list
}

// one returns the only instance of a class.
func (s *server) one(class string) *cim.Instance {
	var found *cim.Instance
	for _, inst := range s.instances {
		if s.isA(inst.Class, class) && found != nil {
			panic("two instances of " + class)
		}
		if s.isA(inst.Class, class) {
			found = inst
		}
	}
	return found
}

// remove takes an instance away behind everyone's back.
func (s *server) remove(inst *cim.Instance) {
	s.instances = slices.DeleteFunc(s.instances, func(i *cim.Instance) bool { return i == inst })
}

// label names an instance by what a reader tells it by.
func label(inst *cim.Instance) string {
	switch inst.Class {
	case "CIM_IndicationFilter":
		return "filter " + inst.Text("Query")
	case "CIM_IndicationSubscription":
		return "subscription"
	case "CIM_IndicationHandlerCIMXML":
		return "handler " + inst.Text("Destination")
	default:
		return inst.Class + " " + inst.Text("Destination")
	}
}

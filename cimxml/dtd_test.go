package cimxml_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// A keeper is a RoundTripper that keeps the bodies of requests and replies.
type keeper struct {
	base http.RoundTripper

	mu       sync.Mutex
	messages []message
}

type message struct {
	name string
	body []byte
}

func (k *keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	request, err := io.ReadAll(sent)
	if err != nil {
		return nil, err
	}
	resp, err := k.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	reply, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(reply))
	method := "ExportIndication"
	for name, values := range r.Header { // as sent, which is not as Go writes them
		if name == "CIMMethod" {
			method = values[0]
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.messages = append(k.messages, message{method + " request", request})
	if resp.StatusCode == http.StatusOK {
		k.messages = append(k.messages, message{method + " reply", reply})
	}
	return resp, err
}

// TestDTD calls every operation at a simulator in strict mode and validates all that is
// sent, and answered, against a DTD.
func TestDTD(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (libxml2-utils)")
	}
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, &simulator.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	k := &keeper{}
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{Mode: cimxml.ModeStrict, Wrap: func(base http.RoundTripper) http.RoundTripper {
		k.base = base
		return k
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	called := map[string]bool{}
	for name, call := range everyOperation(t, c) {
		if err := call(t.Context()); err != nil {
			if _, ok := errors.AsType[*cim.Error](err); !ok {
				t.Errorf("%s: %v", name, err)
			}
		}
		called[name] = true
	}
	export, err := cimxml.EncodeExport("1", allTypes())
	if err != nil {
		t.Fatal(err)
	}
	k.messages = append(k.messages, message{"ExportIndication request", export},
		message{"ExportIndication reply", cimxml.AppendExportResponse(nil, "1", "ExportIndication", nil)},
		message{"ExportIndication refusal", cimxml.AppendExportResponse(nil, "1", "ExportIndication", cim.Errorf(cim.StatusFailed, "<no>"))})
	k.messages = append(k.messages, message{"declarations", declarationDocument(t, model)})
	for _, problem := range problems(t, k.messages) {
		t.Error(problem)
	}
	if len(problems(t, []message{{"wrong", []byte(`<CIM CIMVERSION="2.0"/>`)}})) == 0 {
		t.Error("the DTD takes everything")
	}
	for _, m := range k.messages {
		if !strings.HasSuffix(m.name, "Indication request") && strings.HasSuffix(m.name, " request") {
			if _, err := cimxml.ReadRequestMode(bytes.NewReader(m.body), cimxml.Limits{}, cimxml.ModeStrict); err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
		}
	}
	t.Logf("%d operations, %d messages", len(called), len(k.messages))
}

// declarationDocument has every qualifier type, class and instance of a model.
func declarationDocument(t *testing.T, model *simulator.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	err := cimxml.WriteDeclarations(&b, func(yield func(cimxml.Declaration) bool) {
		for _, q := range model.Schema.QualifierTypes() {
			if !yield(cimxml.Declaration{Namespace: "root/cimv2", Qualifier: &q}) {
				return
			}
		}
		for _, name := range model.Schema.ClassNames() {
			if !yield(cimxml.Declaration{Namespace: "root/cimv2", Object: cim.EmbeddedClass(model.Schema.Class(name))}) {
				return
			}
		}
		for _, i := range model.Schema.Instances() {
			if !yield(cimxml.Declaration{Namespace: i.Path.Namespace, Object: cim.EmbeddedInstance(i)}) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// problems returns what xmllint finds wrong with messages.
func problems(t *testing.T, messages []message) (found []string) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--dtdvalid", "testdata/cim.dtd"}
	names := map[string]string{}
	for n, m := range messages {
		file := filepath.Join(dir, fmt.Sprintf("%d.xml", n))
		if err := os.WriteFile(file, m.body, 0o600); err != nil {
			t.Fatal(err)
		}
		args, names[file] = append(args, file), m.name
	}
	out, err := exec.Command("xmllint", args...).CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		if file, problem, ok := strings.Cut(line, ":"); ok && names[file] != "" {
			found = append(found, fmt.Sprintf("%s: %.500s", names[file], problem))
		}
	}
	if len(found) == 0 {
		t.Fatalf("xmllint: %v\n%s", err, out)
	}
	return found
}

// allTypes is an instance with a property of every type, alone and as an array.
func allTypes() *cim.Instance {
	inner := cim.NewInstance("LAB_Inner", cim.Prop("A", cim.String("<&>")))
	values := map[string]cim.Value{
		"Boolean": cim.Boolean(true), "String": cim.String("a\r\n<b>\t"), "Char16": cim.Char16('é'), "Uint8": cim.Uint8(255), "Sint64": cim.Sint64(-1),
		"Real32": cim.Real32(1.5), "Real64": cim.Real64(-1e300), "DateTime": cim.Timestamp(time.Unix(0, 0)).Value(),
		"Reference": cim.Reference(diskPath("1")), "Instance": cim.EmbeddedInstance(inner), "Class": cim.EmbeddedClass(&cim.Class{Name: "LAB_Inner"}),
	}
	i := cim.NewInstance("LAB_AllTypes")
	for name, v := range values {
		i.Properties = append(i.Properties, cim.Prop(name, v), cim.Prop("No"+name, cim.Null(v.Type())))
		if v.Type() != cim.TypeReference {
			i.Properties = append(i.Properties, cim.Prop(name+"s", cim.ArrayOf(v.Type(), v, cim.Null(v.Type()))), cim.Prop("No"+name+"s", cim.NullArray(v.Type())))
		}
	}
	return i
}

// first reads an iteration to its end.
func first[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// everyOperation calls each operation with all its parameters.
func everyOperation(t *testing.T, c *cimxml.Client) map[string]func(context.Context) error {
	t.Helper()
	fan := firstFan(t, c)
	read := cim.ReadOptions{LocalOnly: true, Shallow: true, IncludeQualifiers: true, IncludeClassOrigin: true, Properties: []string{"ElementName"}}
	associations := cim.AssociationOptions{ReadOptions: read, AssocClass: "CIM_SystemDevice", ResultClass: "CIM_System", Role: "PartComponent", ResultRole: "GroupComponent"}
	open := &cimxml.OpenOptions{AssociationOptions: associations, Timeout: time.Minute, MaxObjects: 1, ContinueOnError: false}
	whole := cimxml.Enumeration{Namespace: "root/cimv2", Context: "none"}
	class := &cim.Class{Name: "LAB_New", SuperClass: "CIM_ManagedElement", Qualifiers: []cim.Qualifier{{Name: "Version", Value: cim.String("1.0.0"), Flavor: cim.DefaultFlavor}},
		Properties: []cim.Property{{Name: "ID", Value: cim.Null(cim.TypeString), Qualifiers: []cim.Qualifier{{Name: "Key", Value: cim.Boolean(true)}}}},
		Methods: []cim.Method{{Name: "Do", ReturnType: cim.TypeUint32, Parameters: []cim.Parameter{
			{Name: "A", Value: cim.Null(cim.TypeString)}, {Name: "B", Value: cim.NullArray(cim.TypeUint8), ArraySize: 2},
			{Name: "C", Value: cim.Null(cim.TypeReference), ReferenceClass: "LAB_New"}, {Name: "D", Value: cim.NullArray(cim.TypeReference)},
		}}}}
	var params []cim.Parameter
	for _, p := range allTypes().Properties {
		params = append(params, cim.Param(p.Name, p.Value))
	}
	params = append(params, cim.Param("References", cim.ArrayOf(cim.TypeReference, cim.Reference(diskPath("1")))))
	return map[string]func(context.Context) error{
		"EnumerateClassNames": func(ctx context.Context) error {
			_, err := c.EnumerateClassNames(ctx, "", "CIM_Sensor", true)
			return err
		},
		"EnumerateClasses": func(ctx context.Context) error { return first(c.EnumerateClasses(ctx, "", "", true, &read)) },
		"GetClass":         func(ctx context.Context) error { _, err := c.GetClass(ctx, "", "OMC_Fan", &read); return err },
		"CreateClass": func(ctx context.Context) error {
			return errors.Join(c.CreateClass(ctx, "", class), c.ModifyClass(ctx, "", class), c.DeleteClass(ctx, "", class.Name))
		},
		"EnumerateInstances": func(ctx context.Context) error {
			return first(c.EnumerateInstances(ctx, "", "CIM_ManagedElement", &read))
		},
		"EnumerateInstanceNames": func(ctx context.Context) error { return first(c.EnumerateInstanceNames(ctx, "", "CIM_ManagedElement")) },
		"GetInstance":            func(ctx context.Context) error { _, err := c.GetInstance(ctx, fan.Path, &read); return err },
		"CreateInstance":         func(ctx context.Context) error { _, err := c.CreateInstance(ctx, "", allTypes()); return err },
		"ModifyInstance":         func(ctx context.Context) error { return c.ModifyInstance(ctx, fan, []string{"ElementName"}) },
		"DeleteInstance":         func(ctx context.Context) error { return c.DeleteInstance(ctx, diskPath("1")) },
		"Associators":            func(ctx context.Context) error { return first(c.Associators(ctx, fan.Path, &associations)) },
		"AssociatorNames":        func(ctx context.Context) error { return first(c.AssociatorNames(ctx, fan.Path, nil)) },
		"References":             func(ctx context.Context) error { return first(c.References(ctx, fan.Path, &associations)) },
		"ReferenceNames":         func(ctx context.Context) error { return first(c.ReferenceNames(ctx, fan.Path, nil)) },
		"AssociatorClasses": func(ctx context.Context) error {
			return first(c.AssociatorClasses(ctx, cim.ClassPath("", "CIM_Fan"), &associations))
		},
		"ReferenceClasses": func(ctx context.Context) error {
			return first(c.ReferenceClasses(ctx, cim.ClassPath("", "CIM_Fan"), &associations))
		},
		"GetProperty": func(ctx context.Context) error {
			_, err := c.GetProperty(ctx, fan.Path, "OperationalStatus")
			return err
		},
		"SetProperty": func(ctx context.Context) error { return c.SetProperty(ctx, fan.Path, "ElementName", cim.String("<x>")) },
		"ExecQuery": func(ctx context.Context) error {
			return first(c.ExecQuery(ctx, "", "WQL", `SELECT * FROM CIM_Fan WHERE DeviceID <> "1"`))
		},
		"EnumerateQualifiers": func(ctx context.Context) error { return first(c.EnumerateQualifiers(ctx, "")) },
		"GetQualifier":        func(ctx context.Context) error { _, err := c.GetQualifier(ctx, "", "Key"); return err },
		"SetQualifier": func(ctx context.Context) error {
			q := &cim.QualifierType{Name: "LabNote", Default: cim.Strings("a"), Scope: cim.ScopeAny, Flavor: cim.DefaultFlavor}
			return errors.Join(c.SetQualifier(ctx, "", q), c.DeleteQualifier(ctx, "", q.Name))
		},
		"InvokeMethod": func(ctx context.Context) error {
			_, _, err := c.InvokeMethod(ctx, fan.Path, "RequestStateChange", params...)
			return err
		},
		"IterateInstances":       func(ctx context.Context) error { return first(c.IterateInstances(ctx, "", "CIM_Fan", open)) },
		"IterateInstancePaths":   func(ctx context.Context) error { return first(c.IterateInstancePaths(ctx, "", "CIM_Fan", open)) },
		"IterateAssociators":     func(ctx context.Context) error { return first(c.IterateAssociators(ctx, fan.Path, open)) },
		"IterateAssociatorPaths": func(ctx context.Context) error { return first(c.IterateAssociatorPaths(ctx, fan.Path, open)) },
		"IterateReferences":      func(ctx context.Context) error { return first(c.IterateReferences(ctx, fan.Path, open)) },
		"IterateReferencePaths":  func(ctx context.Context) error { return first(c.IterateReferencePaths(ctx, fan.Path, open)) },
		"IterateQuery": func(ctx context.Context) error {
			return first(c.IterateQuery(ctx, "", "DMTF:CQL", "SELECT * FROM CIM_Fan", nil))
		},
		"EnumerationCount": func(ctx context.Context) error { _, _, err := c.EnumerationCount(ctx, whole); return err },
		"CloseEnumeration": func(ctx context.Context) error { return c.CloseEnumeration(ctx, whole) },
		"ExportIndication": func(ctx context.Context) error { _ = c.ExportIndication(ctx, allTypes()); return nil },
	}
}

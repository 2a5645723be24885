package cimxml_test

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// labClient returns a client of a server that calls itself an OpenPegasus.
func labClient(t *testing.T) *cimxml.Client {
	t.Helper()
	model, err := simulator.LoadModel(os.DirFS("testdata/server"), "profiles.mof")
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, &simulator.Options{Interop: "root/PG_InterOp"})
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, raw(t, server.ServeHTTP).URL)
}

// TestInteropNamespace looks for the interop namespaces of servers that have it under
// one name.
func TestInteropNamespace(t *testing.T) {
	for _, c := range []struct{ namespace, class, want string }{
		{"root/interop", "CIM_ObjectManager", "root/interop"},
		{"interop", "CIM_Namespace", "interop"},
		{"root/PG_InterOp", "CIM_IndicationFilter", "root/PG_InterOp"},
		{"root", "CIM_ObjectManager", "root"},
		{"root/elsewhere", "CIM_ObjectManager", ""},
		{"root/interop", "CIM_Other", ""},
	} {
		asked := 0
		s := serve(t, func(req *cimxml.Request) *cimxml.Response {
			asked++
			switch {
			case req.Namespace != c.namespace:
				return &cimxml.Response{Err: cim.Errorf(cim.StatusInvalidNamespace, "")}
			case req.Path("ClassName").Class != c.class:
				return &cimxml.Response{Err: cim.Errorf(cim.StatusNotFound, "")} // as sfcb says it
			default:
				return result(cimxml.FormObject, cim.EmbeddedClass(&cim.Class{Name: c.class}))(req)
			}
		})
		client := newClient(t, s.URL)
		got, err := client.InteropNamespace(t.Context())
		if got != c.want || (err != nil) != (c.want == "") || err != nil && !errors.Is(err, cimxml.ErrNoInterop) {
			t.Errorf("%s: got %q, %v", c.namespace, got, err)
		}
		before := asked
		if again, _ := client.InteropNamespace(t.Context()); c.want != "" && (again != got || asked != before) {
			t.Errorf("%s: asked again: got %q", c.namespace, again)
		}
	}
	denied := serve(t, func(*cimxml.Request) *cimxml.Response {
		return &cimxml.Response{Err: cim.Errorf(cim.StatusAccessDenied, "")}
	})
	client := newClient(t, denied.URL)
	for name, call := range map[string]func() error{
		"InteropNamespace": func() error { _, err := client.InteropNamespace(t.Context()); return err },
		"Namespaces":       func() error { _, err := client.Namespaces(t.Context()); return err },
		"ServerInfo":       func() error { _, err := client.ServerInfo(t.Context()); return err },
		"Profiles":         func() error { _, err := client.Profiles(t.Context()); return err },
		"CreateNamespace":  func() error { return client.CreateNamespace(t.Context(), "x") },
		"DeleteNamespace":  func() error { return client.DeleteNamespace(t.Context(), "x") },
	} {
		if err := call(); !errors.Is(err, cim.StatusAccessDenied) {
			t.Errorf("%s: got %v, want that it is denied", name, err)
		}
	}
}

func TestNamespaces(t *testing.T) {
	for name, client := range map[string]*cimxml.Client{
		"CIM_Namespace": newClient(t, simulate(t).URL), "those of the model": labClient(t),
	} {
		before, err := client.Namespaces(t.Context())
		if err != nil || !slices.Contains(before, "root/cimv2") {
			t.Fatalf("%s: got %v, %v", name, before, err)
		}
		if err := client.CreateNamespace(t.Context(), "/lab/one/"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := client.CreateNamespace(t.Context(), "lab/one"); !errors.Is(err, cim.StatusAlreadyExists) {
			t.Errorf("%s, twice: got %v", name, err)
		}
		got, err := client.Namespaces(t.Context())
		if want := append([]string{"lab/one"}, before...); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
		}
		if err := client.DeleteNamespace(t.Context(), "LAB/one"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := client.Namespaces(t.Context()); err != nil || !slices.Equal(got, before) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, before)
		}
		err = client.DeleteNamespace(t.Context(), "lab/one")
		if !errors.Is(err, cim.StatusNotFound) || !strings.HasPrefix(err.Error(), "DeleteNamespace lab/one: ") {
			t.Errorf("%s, gone: got %v", name, err)
		}
	}
}

// TestOldNamespaces asks a server that knows __Namespace alone, with its keys in the path.
func TestOldNamespaces(t *testing.T) {
	var made *cim.Instance
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Error(err)
			return
		}
		resp := &cimxml.Response{Err: cim.Errorf(cim.StatusInvalidClass, "")}
		switch class := req.Path("ClassName").Class; {
		case req.Method == "GetClass" && class == "CIM_IndicationFilter":
			resp = result(cimxml.FormObject, cim.EmbeddedClass(&cim.Class{Name: class}))(req)
		case req.Method == "EnumerateInstances" && class == "__Namespace":
			old := cim.NewInstance("__Namespace")
			old.Path = cim.InstancePath("", "__Namespace", cim.Key{Name: "Name", Value: cim.String("/root/old/")})
			resp = result(cimxml.FormNamedInstance, cim.EmbeddedInstance(old))(req)
		case req.Method == "CreateInstance":
			made, _ = req.Param("NewInstance").Instance()
			resp = result(cimxml.FormName, cim.Reference(cim.InstancePath("", made.Class)))(req)
		}
		w.Header().Set("Content-Type", "text/xml")
		if err := cimxml.WriteResponse(w, req, resp); err != nil {
			t.Error(err)
		}
	})
	client := newClient(t, s.URL)
	if got, err := client.Namespaces(t.Context()); err != nil || !slices.Equal(got, []string{"root/interop", "root/old"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if err := client.CreateNamespace(t.Context(), "root/new"); err != nil || made.String() != "instance of __Namespace {Name = root/new}" {
		t.Errorf("got %v, %v", made, err)
	}
}

func TestServerInfo(t *testing.T) {
	info, err := labClient(t).ServerInfo(t.Context())
	if err != nil || info.Brand != "OpenPegasus" || info.Version != "2.14.1" || info.Interop != "root/PG_InterOp" || info.Manager == nil {
		t.Errorf("got %+v, %v", info, err)
	}
	s := serve(t, func(req *cimxml.Request) *cimxml.Response {
		if req.Method == "GetClass" {
			return result(cimxml.FormObject, cim.EmbeddedClass(&cim.Class{Name: "X"}))(req)
		}
		return &cimxml.Response{Err: cim.Errorf(cim.StatusInvalidClass, "")}
	})
	info, err = newClient(t, s.URL).ServerInfo(t.Context())
	if err != nil || info.Brand != "" || info.Version != "" || info.Manager != nil || info.Interop != "root/interop" {
		t.Errorf("a server that says nothing: got %+v, %v", info, err)
	}
}

func TestProfiles(t *testing.T) {
	c := labClient(t)
	profiles, err := c.Profiles(t.Context())
	var got []string
	for _, p := range profiles {
		got = append(got, p.Organization+" "+p.Name+" "+p.Version)
	}
	want := []string{"DMTF Computer System 1.0.2", "DMTF Fan 1.0.1", "SNIA Array 1.6.1"}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %q, %v, want %q", got, err, want)
	}
	computer, fan, array := profiles[0].Path, profiles[1].Path, profiles[2].Path
	scope := cimxml.Scope{CentralClass: "LAB_Fan", Path: []string{"LAB_ShelfFan", "LAB_Shelf", "LAB_SystemShelf"}}
	other := scope
	other.Antecedent = true
	for _, c2 := range []struct {
		name    string
		profile cim.ObjectPath
		scope   *cimxml.Scope
		want    []string
	}{
		{"told", computer, nil, []string{`root/cimv2:LAB_System.Name="s1"`}},
		{"told, with a scope that is not needed", computer, &scope, []string{`root/cimv2:LAB_System.Name="s1"`}},
		{"not told", fan, nil, nil},
		{"by the scope", fan, &scope, []string{`root/cimv2:LAB_Fan.Name="fan1"`, `root/cimv2:LAB_Fan.Name="fan2"`}},
		{"by the scope in the other direction", fan, &other, nil},
		{"a scope without a way", fan, &cimxml.Scope{}, nil},
		{"referred to by nobody", array, &scope, nil},
	} {
		paths, err := c.CentralInstances(t.Context(), c2.profile, c2.scope)
		var got []string
		for _, p := range paths {
			got = append(got, p.String())
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, c2.want) {
			t.Errorf("%s: got %q, %v, want %q", c2.name, got, err, c2.want)
		}
	}
}

// TestProfilesOfModels has the central instances of the built-in model, and those of one
// without the associations that tell them.
func TestProfilesOfModels(t *testing.T) {
	bare, err := simulator.LoadModel(fstest.MapFS{"bare.mof": {Data: []byte(`#pragma include ("interop.mof")
#pragma namespace ("root/interop")
instance of CIM_RegisteredProfile { InstanceID = "p"; RegisteredOrganization = 2; RegisteredName = "Fan"; RegisteredVersion = "1.0.0"; AdvertiseTypes = {2}; };`)}}, "bare.mof")
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(bare, nil)
	if err != nil {
		t.Fatal(err)
	}
	scope := cimxml.Scope{CentralClass: "CIM_Fan", Path: []string{"CIM_SystemDevice"}}
	for want, url := range map[string]string{
		"CIM_IndicationService": simulate(t).URL,
		"":                      raw(t, server.ServeHTTP).URL,
	} {
		c := newClient(t, url)
		profiles, err := c.Profiles(t.Context())
		if err != nil || len(profiles) != 1 {
			t.Fatalf("got %v, %v", profiles, err)
		}
		classes := ""
		paths, err := c.CentralInstances(t.Context(), profiles[0].Path, &scope)
		for _, p := range paths {
			classes += p.Class
		}
		if err != nil || classes != want {
			t.Errorf("got %v, %v, want %q", paths, err, want)
		}
	}
}

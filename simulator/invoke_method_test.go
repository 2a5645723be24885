package simulator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// open answers LAB_Box.Open with what it was called with.
func open(_ context.Context, call *simulator.Call) (cim.Value, []cim.Parameter, error) {
	switch call.Text("By") {
	case "refused":
		return cim.Value{}, nil, cim.Errorf(cim.StatusAccessDenied, "not by you")
	case "broken":
		return cim.Value{}, nil, errors.New("secret insides")
	}
	times, _ := call.Get("Times").Uint64()
	key, _ := call.Get("Key").Reference()
	said := call.Object.KeyText("Name") + " by " + call.Text("By") + " " + key.String()
	for _, name := range []string{"Counts", "Others"} {
		if v := call.Get(name); !v.IsNull() {
			said += v.String()
		}
	}
	return cim.Uint32(uint32(times)), []cim.Parameter{cim.Param("Said", cim.String(said))}, nil
}

func TestInvokeMethod(t *testing.T) {
	s, c := startLab(t, nil)
	if err := s.HandleMethod("lab_box", "open", open); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		path cim.ObjectPath
		in   []cim.Parameter
		want string
	}{
		{"typed", thing("LAB_Box", "box"), []cim.Parameter{
			cim.Param("By", cim.String("me")), cim.Param("times", cim.Uint16(2)), cim.Param("Key", cim.Reference(thing("LAB_Thing", "ball"))),
		}, `2 box by me root/cimv2:LAB_Thing.Name="ball"`},
		{"as text", thing("LAB_Box", "box"), []cim.Parameter{
			cim.Param("Times", cim.String("3")), cim.Param("Key", cim.String(`LAB_Thing.Name="ball"`)),
		}, `3 box by  root/cimv2:LAB_Thing.Name="ball"`},
		{"arrays", thing("LAB_Box", "box"), []cim.Parameter{
			cim.Param("Counts", cim.Uint16s(1, 2)), cim.Param("Others", cim.ArrayOf(cim.TypeReference, cim.Reference(thing("LAB_Box", "box")))),
		}, `0 box by  {1, 2}{root/cimv2:LAB_Box.Name="box"}`},
		{"arrays as text", thing("LAB_Box", "box"), []cim.Parameter{
			cim.Param("Counts", cim.ArrayOf(cim.TypeString, cim.String("3"), cim.Null(cim.TypeString))),
			cim.Param("Others", cim.Strings(`lab_thing.name="ball"`)),
		}, `0 box by  {3, NULL}{root/cimv2:LAB_Thing.Name="ball"}`},
		{"inherited", thing("LAB_Crate", "crate"), nil, "0 crate by  "},
		{"of the class", cim.ClassPath(cimv2, "LAB_Box"), []cim.Parameter{cim.Param("By", cim.Null(cim.TypeString))}, "0  by  "},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, out, err := c.InvokeMethod(t.Context(), test.path, "OPEN", test.in...)
			if err != nil || len(out) != 1 || out[0].Name != "Said" {
				t.Fatalf("out %v, %v", out, err)
			}
			if got := result.String() + " " + out[0].Value.String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestInvokeMethodErrors(t *testing.T) {
	s, c := startLab(t, nil)
	if err := s.HandleMethod("LAB_Box", "Open", open); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		path   cim.ObjectPath
		method string
		in     cim.Parameter
		want   cim.Status
	}{
		{"no handler", thing("LAB_Box", "box"), "Shut", cim.Parameter{}, cim.StatusNotSupported},
		{"no method", thing("LAB_Box", "box"), "Nope", cim.Parameter{}, cim.StatusMethodNotFound},
		{"no instance", thing("LAB_Box", "nope"), "Open", cim.Parameter{}, cim.StatusNotFound},
		{"no class", thing("LAB_Nope", "box"), "Open", cim.Parameter{}, cim.StatusInvalidClass},
		{"no namespace", thing("LAB_Box", "box").Relative().In("root/nope"), "Open", cim.Parameter{}, cim.StatusInvalidNamespace},
		{"parameter", thing("LAB_Box", "box"), "Open", cim.Param("Nope", cim.String("")), cim.StatusInvalidParameter},
		{"not a number", thing("LAB_Box", "box"), "Open", cim.Param("Times", cim.String("two")), cim.StatusInvalidParameter},
		{"out of range", thing("LAB_Box", "box"), "Open", cim.Param("Times", cim.String("65536")), cim.StatusInvalidParameter},
		{"one of an array", thing("LAB_Box", "box"), "Open", cim.Param("Counts", cim.Strings("1", "two")), cim.StatusInvalidParameter},
		{"type", thing("LAB_Box", "box"), "Open", cim.Param("Times", cim.Boolean(true)), cim.StatusTypeMismatch},
		{"array for a scalar", thing("LAB_Box", "box"), "Open", cim.Param("Times", cim.Uint16s(1)), cim.StatusTypeMismatch},
		{"text for an array", thing("LAB_Box", "box"), "Open", cim.Param("Counts", cim.String("1")), cim.StatusTypeMismatch},
		{"the handler's", thing("LAB_Box", "box"), "Open", cim.Param("By", cim.String("refused")), cim.StatusAccessDenied},
		{"the handler's insides", thing("LAB_Box", "box"), "Open", cim.Param("By", cim.String("broken")), cim.StatusFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			var in []cim.Parameter
			if test.in.Name != "" {
				in = append(in, test.in)
			}
			_, _, err := c.InvokeMethod(t.Context(), test.path, test.method, in...)
			wantStatus(t, err, test.want)
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the client sees %v", err)
			}
		})
	}
}

func TestHandleMethodErrors(t *testing.T) {
	s, _ := startLab(t, nil)
	wantStatus(t, s.HandleMethod("LAB_Nope", "Open", open), cim.StatusInvalidClass)
	wantStatus(t, s.HandleMethod("LAB_Thing", "Open", open), cim.StatusMethodNotFound)
}

package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

func writeFile(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSimulateHelpNamesTheSteps holds the help to the scenario of the built-in model.
func TestSimulateHelpNamesTheSteps(t *testing.T) {
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	if len(model.Steps) == 0 {
		t.Fatal("the built-in model has no steps")
	}
	help := newSimulateCommand(&Env{}).Long
	for _, step := range model.Steps {
		if !strings.Contains(help, step.Name) {
			t.Errorf("help does not name the step %s", step.Name)
		}
	}
}

func TestInteropName(t *testing.T) {
	for _, test := range []struct{ flag, want string }{ // "" is refused
		{"root/interop", "root/interop"},
		{"/root/PG_InterOp/", "root/PG_InterOp"},
		{"lab-1", "lab-1"},
		{"", ""},
		{"/", ""},
		{"a b!", ""},
		{"root//interop", ""},
		{"//host/root/interop", "host/root/interop"},
		{"root/interop:CIM_A", ""},
		{`root\interop`, ""},
		{"root/interop\n", ""},
	} {
		got, err := interopName(test.flag)
		if got != test.want || err == nil != (test.want != "") {
			t.Errorf("interopName(%q) = %q, %v, want %q", test.flag, got, err, test.want)
		}
		if err != nil && diagnose(err).code != ExitUsage {
			t.Errorf("interopName(%q): exit code %d", test.flag, diagnose(err).code)
		}
	}
}

func TestDeliveryLine(t *testing.T) {
	d := simulator.Delivery{
		Destination: "http://192.0.2.1:5990/a", Indication: cim.NewInstance("LAB_Alert"),
		Attempt: 2, Status: 503, Outcome: simulator.Retrying,
	}
	want := d.Outcome.String() + " LAB_Alert to http://192.0.2.1:5990/a, attempt 2: HTTP status 503"
	if got := deliveryLine(&d); got != want {
		t.Errorf("line is %q, want %q", got, want)
	}
	d.Status, d.Err = 0, errors.New("connection refused")
	if got := deliveryLine(&d); !strings.HasSuffix(got, ", attempt 2: connection refused") {
		t.Errorf("line is %q, want the reason at its end", got)
	}
}

func TestSourcePatterns(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"a.mof", filepath.Join("sub", "b.mof"), filepath.Join("sub", "c.txt")} {
		writeFile(t, name)
	}
	absolute := strings.TrimPrefix(filepath.ToSlash(dir), "/")
	tests := []struct {
		name  string
		names []string
		want  []string // patterns
		files []string // that they match
	}{
		{"below the working directory", []string{"./a.mof", "sub/"}, []string{"a.mof", "sub/*.mof"}, []string{"a.mof", "sub/b.mof"}},
		{
			"elsewhere", []string{filepath.Join(dir, "sub"), "a.mof"},
			[]string{absolute + "/sub/*.mof", absolute + "/a.mof"}, []string{absolute + "/sub/b.mof", absolute + "/a.mof"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fsys, patterns, err := sourcePatterns(test.names)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, patterns); diff != "" {
				t.Errorf("patterns (-want +got):\n%s", diff)
			}
			var files []string
			for _, pattern := range patterns {
				matches, err := fs.Glob(fsys, pattern)
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, matches...)
			}
			if diff := cmp.Diff(test.files, files); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
	if _, _, err := sourcePatterns([]string{"missing.mof"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want that there is no such file", err)
	}
}

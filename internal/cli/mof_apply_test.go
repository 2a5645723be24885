package cli

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// applied is what the tests of mof apply bring to a server.
const applied = `
Qualifier LAB_Note : string, Scope(any), Flavor(EnableOverride, ToSubclass);

[Association, LAB_Note("joins")] class LAB_Joins { [Key] LAB_Disk REF Disk; [Key] LAB_Shelf REF Shelf; };
instance of LAB_Joins { Disk = $D; Shelf = $S; };
class LAB_Disk : LAB_Part { uint64 Size = 4; };
instance of LAB_Disk as $D { Name = "d1"; };
class LAB_Shelf : LAB_Part { uint32 Open([In] uint8 Slot); };
instance of LAB_Shelf as $S { Name = "s1"; Note = "top"; };
[LAB_Note("a part")] class LAB_Part { [Key] string Name; string Note; };
`

// applySteps are what that takes, in the order in which a server needs it.
const applySteps = `created qualifier type root/cimv2:LAB_Note
created class root/cimv2:LAB_Part
created class root/cimv2:LAB_Disk
created class root/cimv2:LAB_Shelf
created class root/cimv2:LAB_Joins
created instance root/cimv2:LAB_Disk.Name="d1"
created instance root/cimv2:LAB_Shelf.Name="s1"
created instance root/cimv2:LAB_Joins.Disk="root/cimv2:LAB_Disk.Name=\"d1\"",Shelf="root/cimv2:LAB_Shelf.Name=\"s1\""
`

// applyServer starts a server that a model is brought to.
func applyServer(t *testing.T) *simulator.Server {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) }) // runs last, after the server has ended
	t.Chdir(t.TempDir())
	writeFiles(t, map[string]string{
		"base.mof": "#pragma include (\"qualifiers.mof\")\nclass LAB_Old { [Key] uint8 N; string Text; };\ninstance of LAB_Old { N = 1; Text = \"old\"; };",
		"lab.mof":  applied,
	})
	model, err := simulator.LoadModel(os.DirFS("."), "base.mof")
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return server
}

// apply runs mof apply and returns its exit code and what it printed.
func apply(ctx context.Context, server *simulator.Server, args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	code = Run(ctx, append([]string{"mof", "apply", server.URL()}, args...), Env{Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

// content returns all that is on a server: qualifier types, classes and instances.
func content(t *testing.T, server *simulator.Server) string {
	t.Helper()
	env := &Env{}
	s, err := addConnectionFlags(&cobra.Command{}).client(t.Context(), env, server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	text, err := serverMOF(t.Context(), env, s)
	if err != nil {
		t.Fatal(err)
	}
	var instances []string
	for _, class := range []string{"LAB_Old", "LAB_Part", "LAB_Joins"} {
		for i, err := range s.EnumerateInstances(t.Context(), "", class, nil) {
			if err == nil {
				instances = append(instances, i.String()+"\n")
			}
		}
	}
	slices.Sort(instances)
	return string(text) + strings.Join(instances, "")
}

func TestApply(t *testing.T) {
	server := applyServer(t)
	// The server has the standard qualifiers, which the file uses and does not declare.
	code, stdout, stderr := apply(t.Context(), server, "lab.mof", "--schema", "base.mof")
	if code != ExitDone || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if diff := cmp.Diff(applySteps, stdout); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	before := content(t, server)
	code, stdout, stderr = apply(t.Context(), server, "lab.mof", "--schema", "base.mof")
	if code != ExitDone || stdout != "8 objects there already\n" {
		t.Errorf("once more: exit code %d: %s%s", code, stdout, stderr)
	}
	if diff := cmp.Diff(before, content(t, server)); diff != "" {
		t.Errorf("applied twice (-once +twice):\n%s", diff)
	}
}

// TestApplyTakesBack lets each step fail in each way, and finds the server as it was.
func TestApplyTakesBack(t *testing.T) {
	refusal := cim.Errorf(cim.StatusFailed, "no")
	ways := []struct {
		name  string
		fault simulator.Fault
		code  int
	}{
		{"refused", simulator.Fault{Err: refusal}, ExitRefused},
		{"no answer, though done", simulator.Fault{Cut: -1}, ExitUnreachable},
		{"half an answer, though done", simulator.Fault{Malformed: true}, ExitFailed},
		{"busy", simulator.Fault{Status: http.StatusServiceUnavailable}, ExitRefused},
	}
	steps := []struct {
		method string
		skip   int
	}{
		{"SetQualifier", 0}, {"CreateClass", 0}, {"CreateClass", 1}, {"CreateClass", 3},
		{"CreateInstance", 0}, {"CreateInstance", 1}, {"CreateInstance", 2},
	}
	server := applyServer(t)
	before := content(t, server)
	for _, way := range ways {
		for _, step := range steps {
			fault := way.fault
			fault.Method, fault.Skip, fault.Count = step.method, step.skip, 1
			end := server.Fault(fault)
			code, stdout, stderr := apply(t.Context(), server, "lab.mof", "--schema", "base.mof")
			end()
			if code != way.code || stdout != "" || !strings.Contains(stderr, "taken back, nothing is left") {
				t.Errorf("%s at %s %d: exit code %d: %s%s", way.name, step.method, step.skip, code, stdout, stderr)
			}
			if diff := cmp.Diff(before, content(t, server)); diff != "" {
				t.Errorf("%s at %s %d (-before +after):\n%s", way.name, step.method, step.skip, diff)
			}
		}
	}
}

// TestApplyReplaces changes what differs, and changes it back when a later step fails.
func TestApplyReplaces(t *testing.T) {
	server := applyServer(t)
	if code, _, stderr := apply(t.Context(), server, "lab.mof", "--schema", "base.mof"); code != ExitDone {
		t.Fatal(stderr)
	}
	before := content(t, server)
	changed := strings.NewReplacer(
		"Scope(any)", "Scope(any), Flavor(DisableOverride)", ", Flavor(EnableOverride, ToSubclass)", "",
		`Note = "top"`, `Note = "bottom"`, `Name = "s1";`, `Name = "s1";`,
	).Replace(applied) + `class LAB_New { [Key] string Name; };` + "\n" + `instance of LAB_New { Name = "n"; };`
	writeFiles(t, map[string]string{"changed.mof": changed})

	code, stdout, stderr := apply(t.Context(), server, "changed.mof", "--schema", "base.mof")
	if code != ExitFailed || stdout != "" || !strings.HasPrefix(stderr, "error: 2 objects on the server differ from the files, such as qualifier type root/cimv2:LAB_Note; nothing was done\nhint: ") {
		t.Errorf("without --replace: exit code %d: %s%s", code, stdout, stderr)
	}
	end := server.Fault(simulator.Fault{Method: "CreateInstance", Err: cim.Errorf(cim.StatusFailed, "no")})
	code, _, stderr = apply(t.Context(), server, "changed.mof", "--schema", "base.mof", "--replace")
	end()
	if code != ExitRefused || !strings.Contains(stderr, "3 changes taken back, nothing is left") {
		t.Errorf("with a refusal: exit code %d: %s", code, stderr)
	}
	if diff := cmp.Diff(before, content(t, server)); diff != "" {
		t.Errorf("taken back (-before +after):\n%s", diff)
	}
	code, stdout, stderr = apply(t.Context(), server, "changed.mof", "--schema", "base.mof", "--replace")
	want := "replaced qualifier type root/cimv2:LAB_Note\ncreated class root/cimv2:LAB_New\n" +
		"replaced instance root/cimv2:LAB_Shelf.Name=\"s1\"\ncreated instance root/cimv2:LAB_New.Name=\"n\"\n6 objects there already\n"
	if code != ExitDone || stdout != want {
		t.Errorf("exit code %d: %s%s, want %s", code, stdout, stderr, want)
	}
	if code, stdout, _ = apply(t.Context(), server, "changed.mof", "--schema", "base.mof"); stdout != "10 objects there already\n" {
		t.Errorf("once more: exit code %d: %s", code, stdout)
	}
}

// TestApplyReplacesClass changes a class that nothing depends on, and changes it back.
func TestApplyReplacesClass(t *testing.T) {
	server := applyServer(t)
	writeFiles(t, map[string]string{
		"v1.mof": "[Version(\"1\")] class LAB_Part { [Key, Description(\"k\")] string Name; uint8 Size; void Open([In] uint8 Slot); };",
		"v2.mof": "[Version(\"2\")] class LAB_Part { [Key, Description(\"k\")] string Name; uint16 Size; };\ninstance of LAB_Part { Name = \"p\"; };",
	})
	if code, _, stderr := apply(t.Context(), server, "v1.mof"); code != ExitDone {
		t.Fatal(stderr)
	}
	if code, stdout, stderr := apply(t.Context(), server, "v1.mof"); code != ExitDone || stdout != "1 object there already\n" {
		t.Errorf("once more: exit code %d: %s%s", code, stdout, stderr)
	}
	before := content(t, server)
	if code, _, stderr := apply(t.Context(), server, "v2.mof"); code != ExitFailed || !strings.HasPrefix(stderr, "error: 1 object on the server differs from the files, class root/cimv2:LAB_Part; ") {
		t.Errorf("without --replace: exit code %d: %s", code, stderr)
	}
	end := server.Fault(simulator.Fault{Method: "CreateInstance", Err: cim.Errorf(cim.StatusFailed, "no")})
	code, _, stderr := apply(t.Context(), server, "v2.mof", "--replace")
	end()
	if code != ExitRefused || !strings.Contains(stderr, "1 change taken back, nothing is left") {
		t.Errorf("with a refusal: exit code %d: %s", code, stderr)
	}
	if diff := cmp.Diff(before, content(t, server)); diff != "" {
		t.Errorf("taken back (-before +after):\n%s", diff)
	}
	code, stdout, stderr := apply(t.Context(), server, "v2.mof", "--replace")
	if want := "replaced class root/cimv2:LAB_Part\ncreated instance root/cimv2:LAB_Part.Name=\"p\"\n"; code != ExitDone || stdout != want {
		t.Errorf("exit code %d: %s%s, want %s", code, stdout, stderr, want)
	}
}

// TestApplyCannotTakeBack names what is left.
func TestApplyCannotTakeBack(t *testing.T) {
	server := applyServer(t)
	server.Fault(simulator.Fault{Method: "CreateInstance", Err: cim.Errorf(cim.StatusAccessDenied, "no instances")})
	server.Fault(simulator.Fault{Method: "DeleteClass", Skip: 1, Count: 1, Err: cim.Errorf(cim.StatusFailed, "in use")})
	code, _, stderr := apply(t.Context(), server, "lab.mof", "--schema", "base.mof")
	// The superclass of what is left stays for that reason, and the qualifier that it uses.
	want := []string{
		"cannot take back class root/cimv2:LAB_Shelf: ", "cannot take back class root/cimv2:LAB_Part: ",
		"2 changes taken back, but not class root/cimv2:LAB_Shelf, class root/cimv2:LAB_Part, qualifier type root/cimv2:LAB_Note\nhint: look at what is left",
	}
	for _, part := range want {
		if code != ExitRefused || !strings.Contains(stderr, part) {
			t.Errorf("exit code %d: %s, want %s", code, stderr, part)
		}
	}
}

// cancelWriter ends a command when it writes a text.
type cancelWriter struct {
	strings.Builder

	at     string
	cancel context.CancelFunc
}

func (w *cancelWriter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.at) {
		w.cancel()
	}
	return w.Builder.Write(p)
}

// TestApplyInterrupted takes back what was done when the command is interrupted.
func TestApplyInterrupted(t *testing.T) {
	server := applyServer(t)
	before := content(t, server)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr := &cancelWriter{at: `<CLASS NAME="LAB_Joins"`, cancel: cancel}
	var stdout strings.Builder
	code := Run(ctx, []string{"mof", "apply", server.URL(), "lab.mof", "--schema", "base.mof", "--trace", "-"}, Env{Stdout: &stdout, Stderr: stderr})
	if code != ExitFailed || !strings.Contains(stderr.String(), "\nerror: interrupted") || !strings.Contains(stderr.String(), "; 5 changes taken back, nothing is left\n") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if diff := cmp.Diff(before, content(t, server)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

package cli

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

func sequence(failure error, list ...*cim.Instance) iter.Seq2[*cim.Instance, error] {
	return func(yield func(*cim.Instance, error) bool) {
		for _, i := range list {
			if !yield(i, nil) {
				return
			}
		}
		if failure != nil {
			yield(nil, failure)
		}
	}
}

func fanInstance(namespace, id string) *cim.Instance {
	i := cim.NewInstance("CIM_Fan", cim.Prop("ID", cim.String(id)), cim.Prop("Note", cim.Null(cim.TypeString)))
	i.Path = cim.InstancePath(namespace, "CIM_Fan", cim.Key{Name: "ID", Value: cim.String(id)})
	i.Path.Host = "somewhere"
	return i
}

func allFormats() []string {
	return []string{formatText, formatMOF, formatTable, formatJSON, formatCSV, formatXML}
}

// TestPrintInstancesCut prints what came before a failure, where that makes sense, and returns
// the failure.
func TestPrintInstancesCut(t *testing.T) {
	for _, format := range allFormats() {
		var stdout strings.Builder
		env := &Env{Stdout: &stdout}
		cut := errors.New("cut")
		o := instanceOutput{outputFlag: &outputFlag{format: format}, columns: []string{"ID"}}
		if err := env.printInstances(o, sequence(cut, fanInstance("root", "f1"))); !errors.Is(err, cut) {
			t.Errorf("%s: error is %v, want the sequence's", format, err)
		}
		if format != formatTable && !strings.Contains(stdout.String(), "f1") {
			t.Errorf("%s: nothing of what came first: %q", format, &stdout)
		}
		if strings.Contains(stdout.String(), "</IRETURNVALUE>") {
			t.Errorf("%s: it looks as if nothing was missing", format)
		}
	}
}

// TestPrintInstancesInterrupted closes what it opened where a person has seen enough.
func TestPrintInstancesInterrupted(t *testing.T) {
	var stdout strings.Builder
	env := &Env{Stdout: &stdout}
	o := instanceOutput{outputFlag: &outputFlag{format: formatXML}}
	interrupted := fmt.Errorf("PullInstances: %w", context.Canceled)
	if err := env.printInstances(o, sequence(interrupted, fanInstance("root", "f1"))); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want the sequence's", err)
	}
	var document struct {
		XMLName xml.Name   `xml:"IRETURNVALUE"`
		Some    []struct{} `xml:",any"`
		Comment string     `xml:",comment"`
	}
	if err := xml.Unmarshal([]byte(stdout.String()), &document); err != nil || len(document.Some) != 1 || document.Comment != " interrupted " {
		t.Errorf("document is %+v, error %v:\n%s", document, err, &stdout)
	}
}

// TestNullAndEmpty tells NULL, an empty text and arrays of both apart, in a table and in CSV.
func TestNullAndEmpty(t *testing.T) {
	list := cim.NewInstance("A",
		cim.Prop("Null", cim.Null(cim.TypeString)), cim.Prop("Empty", cim.String("")), cim.Prop("Dash", cim.String("-")),
		cim.Prop("List", cim.ArrayOf(cim.TypeString, cim.String("a,b"), cim.Null(cim.TypeString), cim.String(`c"d`), cim.String(""))),
		cim.Prop("None", cim.ArrayOf(cim.TypeString)))
	for format, want := range map[string]string{
		formatCSV:   "path,Null,Empty,Dash,List,None\nA,,\"\",-,\"{\"\"a,b\"\", NULL, \"\"c\\\"\"d\"\", \"\"\"\"}\",{}\n",
		formatTable: "Null  Empty  Dash  List                       None\n-     \"\"     \"-\"   {\"a,b\", NULL, \"c\\\"d\", \"\"}  {}\n",
	} {
		var stdout strings.Builder
		env := &Env{Stdout: &stdout}
		o := instanceOutput{outputFlag: &outputFlag{format: format}, columns: []string{"Null", "Empty", "Dash", "List", "None"}}
		if err := env.printInstances(o, sequence(nil, list)); err != nil {
			t.Fatal(err)
		}
		if got := stdout.String(); got != want {
			t.Errorf("%s:\n%q\nwant\n%q", format, got, want)
		}
	}
}

func TestPrintInstancesWriteError(t *testing.T) {
	for _, format := range allFormats() {
		reader, writer := io.Pipe()
		gone := errors.New("gone")
		_ = reader.CloseWithError(gone)
		env := &Env{Stdout: writer}
		o := instanceOutput{outputFlag: &outputFlag{format: format}}
		if err := env.printInstances(o, sequence(nil, fanInstance("root", "f1"))); !errors.Is(err, gone) {
			t.Errorf("%s: error is %v, want the writer's", format, err)
		}
	}
}

// TestXMLInstances holds the list to be one document, whatever is known of the paths.
func TestXMLInstances(t *testing.T) {
	nameless := fanInstance("", "f3")
	nameless.Path = cim.ObjectPath{}
	for _, list := range [][]*cim.Instance{nil, {fanInstance("root/cimv2", "<1>"), fanInstance("", "f2"), nameless}} {
		var stdout strings.Builder
		env := &Env{Stdout: &stdout}
		if err := env.printInstances(instanceOutput{outputFlag: &outputFlag{format: formatXML}}, sequence(nil, list...)); err != nil {
			t.Fatal(err)
		}
		var document struct {
			XMLName xml.Name `xml:"IRETURNVALUE"`
			Local   []struct {
				Path string `xml:"LOCALINSTANCEPATH>INSTANCENAME>KEYBINDING>KEYVALUE"`
			} `xml:"VALUE.OBJECTWITHLOCALPATH"`
			Named []struct{} `xml:"VALUE.NAMEDINSTANCE"`
			Bare  []struct{} `xml:"INSTANCE"`
		}
		if err := xml.Unmarshal([]byte(stdout.String()), &document); err != nil {
			t.Fatalf("%v:\n%s", err, &stdout)
		}
		if list != nil && (len(document.Local) != 1 || document.Local[0].Path != "<1>" || len(document.Named) != 1 || len(document.Bare) != 1) {
			t.Errorf("document is %+v:\n%s", document, &stdout)
		}
	}
}

// TestCSVWithoutColumns finds the columns by itself.
func TestCSVWithoutColumns(t *testing.T) {
	second := fanInstance("root", "f2")
	second.Set("note", cim.String("x,y"))
	second.Set("Speed", cim.Uint64(7))
	var stdout strings.Builder
	env := &Env{Stdout: &stdout}
	o := instanceOutput{outputFlag: &outputFlag{format: formatCSV}}
	if err := env.printInstances(o, sequence(nil, fanInstance("root", "f1"), second)); err != nil {
		t.Fatal(err)
	}
	want := "path,ID,Note,Speed\n\"root:CIM_Fan.ID=\"\"f1\"\"\",f1,,\n\"root:CIM_Fan.ID=\"\"f2\"\"\",f2,\"x,y\",7\n"
	if stdout.String() != want {
		t.Errorf("CSV is %q, want %q", &stdout, want)
	}
}

// TestTextIsSafe keeps what a server says from commanding the terminal.
func TestTextIsSafe(t *testing.T) {
	for _, format := range []string{formatText, formatTable, formatMOF} {
		i := fanInstance("root", "f1")
		i.Set("Note", cim.String("\x1b]0;owned\a"))
		i.Path.Keys[0].Value = cim.String("\x1b[2J")
		var stdout strings.Builder
		env := &Env{Stdout: &stdout}
		if err := env.printInstances(instanceOutput{outputFlag: &outputFlag{format: format}}, sequence(nil, i)); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(stdout.String(), "\x1b\a") {
			t.Errorf("%s: %q", format, &stdout)
		}
	}
}

// TestProgress shows a count once something takes long, on a terminal only.
func TestProgress(t *testing.T) {
	for _, test := range []struct {
		name  string
		env   Env
		held  bool
		since time.Duration
		want  bool
	}{
		{"long", Env{StderrIsTerminal: true}, false, time.Minute, true},
		{"short", Env{StderrIsTerminal: true}, false, 0, false},
		{"no terminal", Env{}, false, time.Minute, false},
		{"output on the terminal", Env{StderrIsTerminal: true, StdoutIsTerminal: true}, false, time.Minute, false},
		{"output held", Env{StderrIsTerminal: true, StdoutIsTerminal: true}, true, time.Minute, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stderr strings.Builder
			test.env.Stderr = &stderr
			p := test.env.newProgress("fans", test.held)
			p.begin = p.begin.Add(-test.since)
			p.add()
			if got := strings.Contains(stderr.String(), "fans"); got != test.want {
				t.Errorf("shown is %q", &stderr)
			}
			p.end()
			p.end()
			if strings.Contains(stderr.String(), "\n") {
				t.Errorf("a line is left: %q", &stderr)
			}
		})
	}
}

// Package examples_test builds the example programs and runs them against a simulated host.
package examples_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/mof/gogen"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/subscriber"
)

// build compiles an example and returns the program.
func build(t *testing.T, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./"+name).CombinedOutput()
	if err != nil {
		t.Fatalf("go build ./%s: %v\n%s", name, err, output)
	}
	return program
}

// simulate starts a simulated host.
func simulate(t *testing.T, opts *simulator.Options) *simulator.Server {
	t.Helper()
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

// playStep plays a step of the host's scenario.
func playStep(t *testing.T, server *simulator.Server, step string) {
	t.Helper()
	if err := server.Play(t.Context(), step); err != nil {
		t.Fatal(err)
	}
}

// A program is an example that runs.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr *bufio.Reader
}

// run starts a program that runs until it is interrupted.
func run(t *testing.T, path string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for one that hangs
	t.Cleanup(cancel)
	p := &program{t: t, cmd: exec.CommandContext(ctx, path, args...)}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout, p.stderr = bufio.NewReader(stdout), bufio.NewReader(stderr)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// until reads lines until one matches and returns its submatches.
func (p *program) until(r *bufio.Reader, pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	var seen strings.Builder
	for {
		line, err := r.ReadString('\n')
		if match := re.FindStringSubmatch(strings.TrimRight(line, "\n")); match != nil {
			return match
		}
		seen.WriteString(line)
		if err != nil {
			p.t.Fatalf("%v before %q in:\n%s", err, pattern, &seen)
		}
	}
}

// interrupt ends the program as Ctrl-C does.
func (p *program) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	rest, err := io.ReadAll(p.stderr)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("%v\n%s", err, rest)
	}
}

// subscriptions returns what is on a host.
func subscriptions(t *testing.T, url string, opts *cimxml.Options) []subscriber.Subscription {
	t.Helper()
	client, err := cimxml.NewClient(url, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	list, err := subscriber.New(client, nil).List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSubscribe(t *testing.T) {
	path := build(t, "subscribe")
	host := simulate(t, &simulator.Options{User: "root", Password: "s3cret"})
	t.Setenv("CIM_PASSWORD", "s3cret")
	subscribe := func(args ...string) string {
		t.Helper()
		output, err := exec.CommandContext(t.Context(), path, append([]string{"-user", "root"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, output)
		}
		return string(output)
	}
	const listener = "http://192.0.2.1:5990/"
	if output := subscribe(host.URL(), listener, "CIM_AlertIndication", "CIM_InstCreation"); !strings.HasSuffix(output, "\n2 created, 0 kept in root/interop\n") {
		t.Errorf("output is %s", output)
	}
	if output := subscribe(host.URL(), listener, "CIM_AlertIndication"); !strings.HasSuffix(output, "\n0 created, 1 kept in root/interop\n") {
		t.Errorf("output of the second run is %s", output)
	}
	account := &cimxml.Options{User: "root", Password: "s3cret"}
	if list := subscriptions(t, host.URL(), account); len(list) != 1 || list[0].Destination != listener {
		t.Errorf("subscriptions are %+v, want one to %s", list, listener)
	}
	subscribe("-remove", host.URL())
	if list := subscriptions(t, host.URL(), account); len(list) != 0 {
		t.Errorf("subscriptions are %+v, want none", list)
	}
}

// subscribeTo has host send the indications of a class to address.
func subscribeTo(t *testing.T, host *simulator.Server, class, address string) {
	t.Helper()
	client, err := cimxml.NewClient(host.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = subscriber.New(client, nil).Reconcile(t.Context(), subscriber.Declaration{
		Name:    "test",
		Filters: []subscriber.Filter{{Query: "SELECT * FROM " + class, Destination: "http://" + address}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestListen(t *testing.T) {
	host := simulate(t, nil)
	p := run(t, build(t, "listen"), "-addr", "127.0.0.1:0")
	address := p.until(p.stderr, `^listening on (\S+)$`)[1]

	subscribeTo(t, host, "CIM_AlertIndication", address)
	playStep(t, host, "case-opened")
	p.until(p.stdout, `^\d\d:\d\d:\d\d 127\.0\.0\.1 OMC_IpmiAlertIndication$`)
	p.until(p.stdout, `^  Description = Assert \+ Physical Security General Chassis intrusion$`)
	p.until(p.stdout, `^  AlertType = 8 \(Security Alert\)$`)
	p.interrupt()
}

func TestTyped(t *testing.T) {
	host := simulate(t, nil)
	p := run(t, build(t, "typed"), "-addr", "127.0.0.1:0")
	address := p.until(p.stderr, `^listening on (\S+)$`)[1]

	subscribeTo(t, host, "OMC_IpmiAlertIndication", address)
	playStep(t, host, "case-opened")
	p.until(p.stdout, `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 127\.0\.0\.1: Security Alert: Assert \+ Physical Security General Chassis intrusion; somebody may be at the host$`)
	p.interrupt()
}

// TestTypedIsUpToDate generates the types of the example anew.
func TestTypedIsUpToDate(t *testing.T) {
	schema, err := mof.CompileFS(os.DirFS(filepath.Join("..", "simulator", "esxi")), []string{"alerts.mof"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	class := "OMC_IpmiAlertIndication"
	got, err := gogen.Generate(schema, &gogen.Options{
		Package: "main", Classes: []string{class}, Command: "cimwatch mof gen --package main --class " + class + " alerts.mof",
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("typed", "alert.go"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("examples/typed/alert.go is out of date; run go generate ./examples/typed")
	}
}

func TestCallback(t *testing.T) {
	host := simulate(t, nil)
	p := run(t, build(t, "callback"), host.URL())
	p.until(p.stderr, `^subscribed$`)
	playStep(t, host, "case-opened")
	p.until(p.stdout, `^type 8, OMC_DiscreteSensor of 127\.0\.0\.1: Assert \+ Physical Security General Chassis intrusion$`)
	playStep(t, host, "psu-unplugged")
	p.until(p.stdout, `^type \d+, OMC_\w+ of 127\.0\.0\.1: Assert .*Power Supply`)
	playStep(t, host, "disk-failed")
	p.until(p.stdout, `^critical, raise: .*Current = Failed$`)
	p.interrupt()
	if list := subscriptions(t, host.URL(), nil); len(list) != 0 {
		t.Errorf("it left %+v", list)
	}
}

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A process is a command that a script runs beside itself.
type process struct {
	cmd    *exec.Cmd
	stdout lines
	stderr lines
	ended  chan struct{} // closed when err is set
	err    error
}

// lines collects output and lets a script wait for a part of it.
type lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	moved chan struct{} // closed, and made anew, when text grows
}

// Write makes lines an io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.moved != nil {
		close(l.moved)
		l.moved = nil
	}
	return l.text.Write(p)
}

// read returns the text so far and a channel that is closed when there is more.
func (l *lines) read() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.moved == nil {
		l.moved = make(chan struct{})
	}
	return l.text.String(), l.moved
}

// patience is far beyond what anything takes that does not hang.
const patience = 30 * time.Second

// await waits until pattern matches, and returns its submatches.
func (p *process) await(l *lines, pattern *regexp.Regexp) ([]string, error) {
	timeout := time.After(patience)
	for ended := p.ended; ; {
		text, more := l.read()
		if match := pattern.FindStringSubmatch(text); match != nil {
			return match, nil
		}
		if ended == nil {
			return nil, fmt.Errorf("it ended without %s in: %s", pattern, text)
		}
		select {
		case <-more:
		case <-ended:
			ended = nil // what it wrote last is read once more
		case <-timeout:
			return nil, fmt.Errorf("no %s within %s in: %s", pattern, patience, text)
		}
	}
}

// processes are those of one script, by name.
type processes map[string]*process

type processesKey struct{}

func processesOf(ts *testscript.TestScript) processes {
	return ts.Value(processesKey{}).(processes) // Setup put it there
}

func processNamed(ts *testscript.TestScript, name string) *process {
	p := processesOf(ts)[name]
	if p == nil {
		ts.Fatalf("no process %s was started", name)
	}
	return p
}

// start runs a command beside the script, until interrupt or finish, and waits for it to say on
// which port it listens, which $name_port then holds:
//
//	start sim cimwatch simulate
//	exec cimwatch subscriptions http://127.0.0.1:$sim_port
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME PROGRAM [ARG...]")
	}
	path, err := lookPath(ts, args[1])
	ts.Check(err)
	p := &process{cmd: exec.Command(path, args[2:]...), ended: make(chan struct{})}
	p.cmd.Dir = ts.MkAbs(".")
	p.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TERM=dumb")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	ts.Defer(func() {
		_ = p.cmd.Process.Kill() // it has ended where the script came to its end
		<-p.ended
	})
	match, err := p.await(&p.stderr, regexp.MustCompile(`started on port (\d+)\n`))
	ts.Check(err)
	processesOf(ts)[args[0]] = p
	ts.Setenv(args[0]+"_port", match[1])
}

// lookPath finds a program on the script's PATH, where cimwatch is.
func lookPath(ts *testscript.TestScript, program string) (string, error) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", program, exec.ErrNotFound)
}

// await waits until the output of a process, stdout or stderr, matches:
//
//	await listen stdout OMC_IpmiAlertIndication
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: await NAME stdout|stderr REGEXP")
	}
	pattern, err := regexp.Compile("(?m)" + args[2])
	ts.Check(err)
	p := processNamed(ts, args[0])
	output := &p.stdout
	if args[1] == "stderr" {
		output = &p.stderr
	}
	_, err = p.await(output, pattern)
	ts.Check(err)
}

// interrupt stops a process as Ctrl-C does and does what finish does.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: interrupt NAME")
	}
	ts.Check(processNamed(ts, args[0]).cmd.Process.Signal(os.Interrupt))
	finish(ts, neg, args)
}

// finish waits until a process has ended, with success, and puts what it wrote into the
// files NAME.stdout and NAME.stderr.
func finish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: finish NAME")
	}
	p := processNamed(ts, args[0])
	select {
	case <-p.ended:
	case <-time.After(patience):
		ts.Fatalf("%s has not ended within %s", args[0], patience)
	}
	stdout, _ := p.stdout.read()
	stderr, _ := p.stderr.read()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".stdout"), []byte(stdout), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".stderr"), []byte(stderr), 0o600))
	if p.err != nil {
		ts.Fatalf("%s: %v\n%s", args[0], p.err, stderr)
	}
}

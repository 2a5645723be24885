package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/store"
)

// listening is a run of cimwatch listen within the test.
type listening struct {
	t      *testing.T
	url    string
	stderr *lines
	cancel context.CancelFunc // interrupts it
	code   chan int
	client *http.Client
}

// startListen runs cimwatch listen with further arguments until it says its port.
func startListen(t *testing.T, stdout io.Writer, args ...string) *listening {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &listening{
		t: t, stderr: &lines{}, cancel: cancel, code: make(chan int, 1),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		env := cli.Env{Stdout: stdout, Stderr: l.stderr}
		l.code <- cli.Run(ctx, append([]string{"listen", "--addr", "127.0.0.1:0"}, args...), env)
	}()
	t.Cleanup(func() {
		l.client.CloseIdleConnections()
		cancel()
		<-ended
	})
	port, err := (&process{ended: ended}).await(l.stderr, regexp.MustCompile(`started on port (\d+)\n`))
	if err != nil {
		t.Fatal(err)
	}
	l.url = "http://127.0.0.1:" + port[1] + "/"
	return l
}

// send delivers an alert with a sequence number and returns the status, 0 when there was no
// answer.
func (l *listening) send(number int64) int {
	l.t.Helper()
	body, err := cimxml.EncodeExport("1", cim.NewInstance("LAB_Alert",
		cim.Prop("SequenceContext", cim.String("c")), cim.Prop("SequenceNumber", cim.Sint64(number))))
	if err != nil {
		l.t.Error(err)
	}
	request, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, l.url, strings.NewReader(string(body)))
	if err != nil {
		l.t.Error(err)
	}
	request.Header.Set("Content-Type", "application/xml")
	request.Header["CIMExport"] = []string{"MethodRequest"}
	request.Header["CIMExportMethod"] = []string{"ExportIndication"}
	response, err := l.client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0
	}
	return response.StatusCode
}

// sendMany delivers alerts 0 to n-1, many at once, and returns how many got which status.
func (l *listening) sendMany(n int) map[int]int {
	var (
		senders sync.WaitGroup
		next    atomic.Int64
		mu      sync.Mutex
		counts  = map[int]int{}
	)
	for range 32 {
		senders.Go(func() {
			for number := next.Add(1) - 1; number < int64(n); number = next.Add(1) - 1 {
				status := l.send(number)
				mu.Lock()
				counts[status]++
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	return counts
}

// interrupt ends the run and returns its exit code.
func (l *listening) interrupt() int {
	l.client.CloseIdleConnections()
	l.cancel()
	return <-l.code
}

// gate is an output that takes nothing until it is opened.
type gate struct {
	open chan struct{}
	lines
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	return g.lines.Write(p)
}

func (g *gate) count() int {
	text, _ := g.read()
	return strings.Count(text, "\n")
}

// TestListenSlowOutput proves that what cannot be printed is refused, not heaped up, and that
// everything that was answered 200 is printed.
func TestListenSlowOutput(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	stdout := &gate{open: make(chan struct{})}
	l := startListen(t, stdout, "-o", "json")
	const most = 10_000
	kept := 0
	for l.send(int64(kept)) == http.StatusOK {
		if kept++; kept == most {
			t.Fatalf("%d indications were kept for an output that takes none", most)
		}
	}
	if status := l.send(int64(kept)); status != http.StatusServiceUnavailable {
		t.Errorf("status is %d, want 503", status)
	}
	close(stdout.open)
	if code := l.interrupt(); code != cli.ExitDone {
		t.Errorf("exit code is %d", code)
	}
	if n := stdout.count(); n != kept || kept == 0 {
		t.Errorf("%d indications printed, %d answered 200", n, kept)
	}
}

// TestListenSlowOutputWithStore proves that a slow output keeps nothing from the store.
func TestListenSlowOutputWithStore(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	db := filepath.Join(t.TempDir(), "kept.db")
	stdout := &gate{open: make(chan struct{})}
	l := startListen(t, stdout, "-o", "json", "--db", db)
	const sent = 1500
	if counts := l.sendMany(sent); counts[http.StatusOK] != sent {
		t.Errorf("answers by status: %v, want %d times 200", counts, sent)
	}
	close(stdout.open)
	if code := l.interrupt(); code != cli.ExitDone {
		t.Errorf("exit code is %d", code)
	}
	s, err := store.Open(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n := s.LastNumber(); n != sent {
		t.Errorf("%d indications kept, want %d", n, sent)
	}
	printed := stdout.count()
	note := fmt.Sprintf("%d requests not printed: the output is too slow\n", sent-printed)
	if stderr, _ := l.stderr.read(); printed == sent || !strings.Contains(stderr, note) {
		t.Errorf("%d of %d printed, stderr is %q, want %q in it", printed, sent, stderr, note)
	}
}

// TestListenCount proves that no more than --count indications are answered 200.
func TestListenCount(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const limit, sent = 3, 200
	for _, args := range [][]string{nil, {"--db", filepath.Join(t.TempDir(), "kept.db")}} {
		stdout := &gate{open: make(chan struct{})}
		close(stdout.open)
		l := startListen(t, stdout, append(args, "-o", "json", "--count", fmt.Sprint(limit))...)
		if counts := l.sendMany(sent); counts[http.StatusOK] != limit {
			t.Errorf("%v: answers by status: %v, want %d times 200", args, counts, limit)
		}
		l.client.CloseIdleConnections()
		if code := <-l.code; code != cli.ExitDone {
			t.Errorf("%v: exit code is %d", args, code)
		}
		if n := stdout.count(); n != limit {
			t.Errorf("%v: %d printed, want %d", args, n, limit)
		}
	}
}

// brokenOutput is full from the start.
type brokenOutput struct{}

func (brokenOutput) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestListenBrokenOutput(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := startListen(t, brokenOutput{})
	l.send(0)
	l.client.CloseIdleConnections()
	if code := <-l.code; code != cli.ExitFailed {
		t.Errorf("exit code is %d, want %d", code, cli.ExitFailed)
	}
	if stderr, _ := l.stderr.read(); !strings.Contains(stderr, "error: write the output: disk full\n") {
		t.Errorf("stderr is %q", stderr)
	}
}

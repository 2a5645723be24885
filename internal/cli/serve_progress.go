package cli

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
)

// A statusLine is the last line of a terminal, below all that is written through it.
type statusLine struct {
	mu   sync.Mutex // the log and the progress share the terminal
	w    io.Writer
	text string // what stands there; "" is nothing
}

// clearLine takes away what stands on the line of the cursor.
const clearLine = "\r\x1b[K"

// Write writes what others have to say above the line.
func (s *statusLine) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text == "" {
		return s.w.Write(b)
	}
	_, _ = io.WriteString(s.w, clearLine) // what follows tells whether writing works
	n, err := s.w.Write(b)
	_, _ = io.WriteString(s.w, s.text)
	return n, err
}

// show puts a text in place of the one before.
func (s *statusLine) show(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != s.text {
		_, _ = io.WriteString(s.w, clearLine+text) // nothing depends on it
		s.text = text
	}
}

// end leaves a text as a line of its own.
func (s *statusLine) end(text string) {
	s.show("")
	_, _ = io.WriteString(s, text+"\n") // nothing depends on it
}

// showProgress shows how far the daemon has come with its first look at all hosts, until it
// has looked at each, or ctx ends.
func showProgress(ctx context.Context, line *statusLine, progress func() daemon.SyncProgress) {
	const often = 200 * time.Millisecond
	began, ticks := time.Now(), time.NewTicker(often)
	defer ticks.Stop()
	for {
		p := progress()
		text := progressText(p, time.Since(began))
		if p.Done+p.Failing >= p.Hosts {
			line.end(text)
			return
		}
		line.show(text)
		select {
		case <-ctx.Done():
			line.show("")
			return
		case <-ticks.C:
		}
	}
}

func progressText(p daemon.SyncProgress, took time.Duration) string {
	text := fmt.Sprintf("Read %d of %d hosts, %d components in %.1f s", p.Done, p.Hosts, p.Instances, took.Seconds())
	if p.Instances < p.Expected {
		text = fmt.Sprintf("Read %d of %d hosts, %d of %d components or more in %.1f s", p.Done, p.Hosts, p.Instances, p.Expected, took.Seconds())
	}
	if seconds := took.Seconds(); seconds >= 1 {
		text += fmt.Sprintf(", %.0f/s", float64(p.Instances)/seconds)
	}
	if p.Failing > 0 {
		text += fmt.Sprintf("; %d failing", p.Failing)
	}
	return text
}

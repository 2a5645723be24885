package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
)

// session is a client for the length of a command.
type session struct {
	*cimxml.Client
	namespace string // of operations that name none

	stderr io.Writer
	trace  *os.File // nil: not a file of its own
	stats  bool
}

// newSession returns a session that records exchanges and keeps statistics as the flags ask.
func (f *connectionFlags) newSession(env *Env, url string, options *cimxml.Options) (*session, error) {
	s := &session{namespace: options.Namespace, stderr: env.Stderr, stats: f.stats}
	recording := env.Stderr
	if f.trace != "" && f.trace != "-" {
		file, err := createPrivate(f.trace)
		if err != nil {
			return nil, fmt.Errorf("write the trace: %w", err)
		}
		s.trace, recording = file, file
	}
	tune := options.Wrap
	options.Wrap = func(base http.RoundTripper) http.RoundTripper {
		if tune != nil {
			base = tune(base)
		}
		if f.trace != "" {
			base = cimxml.NewRecorder(base, recording)
		}
		return explainAnswers{base}
	}
	client, err := cimxml.NewClient(url, options)
	if err != nil {
		s.closeTrace()
		return nil, err
	}
	s.Client = client
	return s, nil
}

// createPrivate creates a file, or empties the one that is there, for its owner only to read. What is
// no plain file, such as a terminal, stays as it is.
func createPrivate(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm() != 0o600 {
		err = file.Chmod(0o600)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Close ends the session and tells what --stats asks for.
func (s *session) Close() {
	s.Client.Close()
	s.closeTrace()
	if s.stats {
		s.tellStatistics()
	}
}

func (s *session) closeTrace() {
	if s.trace == nil {
		return
	}
	if err := s.trace.Close(); err != nil {
		note(s.stderr, "the trace may be incomplete: "+err.Error())
	}
}

func (s *session) tellStatistics() {
	var rows [][]cell
	for _, o := range s.Statistics() {
		server := "-"
		if o.ServerCount > 0 {
			server = shortTime(o.ServerTime)
		}
		rows = append(rows, []cell{
			{text: o.Operation}, number(o.Count), number(o.Failures), {text: shortTime(o.Time)}, {text: shortTime(o.MaxTime)},
			{text: server}, number(o.RequestBytes), number(o.ResponseBytes),
		})
	}
	header := []string{"OPERATION", "CALLS", "FAILED", "TIME", "LONGEST", "SERVER", "SENT", "RECEIVED"}
	_ = writeTable(s.stderr, false, header, rows) // nowhere left to say so
}

func number(n uint64) cell { return cell{text: strconv.FormatUint(n, 10)} }

func shortTime(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

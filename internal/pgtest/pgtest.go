// Package pgtest starts PostgreSQL servers for tests: each in a folder of its own, for this
// machine and user only, through a socket of Unix and no port.
//
// A server ends with the process that started it, however that ends.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// ErrMissing says that there is no PostgreSQL to start.
var ErrMissing = errors.New("PostgreSQL is not installed: initdb and postgres are neither on PATH nor in /usr/lib/postgresql")

// Options are the settings of a server.
type Options struct {
	// Durable has the server sync what it commits, for tests of crashes; without it tests
	// are faster.
	Durable bool
}

// Server is a running server. Its user "secretive" has to give the password Secret, all
// others are let in without one.
type Server struct {
	options   Options
	programs  string // the folder of initdb and postgres
	dir       string
	cmd       *exec.Cmd
	lifeline  io.Closer // the server ends when it is closed
	databases atomic.Int64
}

// Secret is the password of the user "secretive".
const Secret = "s3cret-Pa55word"

// startTime is how long a server has to start, on a busy machine.
const startTime = time.Minute

// Start makes a server and starts it. The error is ErrMissing where that is not possible.
func Start(ctx context.Context, options Options) (*Server, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cimwatch-pg-") // not in a test's folder: the path of a socket is short
	if err != nil {
		return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	s := &Server{options: options, programs: programs, dir: dir}
	if err = s.init(ctx); err == nil {
		err = s.Up(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// find returns the folder of the newest programs.
func find() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin") // Debian's
	if err != nil {
		return "", err
	}
	slices.SortFunc(folders, func(a, b string) int { return len(b) - len(a) + strings.Compare(b, a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = append([]string{filepath.Dir(path)}, folders...)
		}
	}
	for _, folder := range folders {
		_, ierr := os.Stat(filepath.Join(folder, "initdb"))
		_, perr := os.Stat(filepath.Join(folder, "postgres"))
		if ierr == nil && perr == nil {
			return folder, nil
		}
	}
	return "", ErrMissing
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// init makes the files of the server.
func (s *Server) init(ctx context.Context) error {
	if err := s.give(s.dir); err != nil {
		return err
	}
	cmd := s.command(ctx, "initdb", "--pgdata", s.data(), "--username", "tester", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	access := "local all secretive scram-sha-256\nlocal all all trust\n"
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(access), 0o600); err != nil {
		return fmt.Errorf("say who may connect: %w", err)
	}
	single := s.command(ctx, "postgres", "--single", "-D", s.data(), "postgres")
	single.Stdin = strings.NewReader("CREATE ROLE secretive LOGIN SUPERUSER PASSWORD '" + Secret + "'\n")
	if output, err := single.CombinedOutput(); err != nil {
		return fmt.Errorf("make a user: %w\n%s", err, output)
	}
	return nil
}

// command returns a command of PostgreSQL, which does not run as root.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.programs, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PG") }), "TZ=UTC")
	unprivileged(cmd)
	return cmd
}

// Up starts the server after Down, and waits until it answers.
func (s *Server) Up(ctx context.Context) error {
	sync := "off"
	if s.options.Durable {
		sync = "on"
	}
	// The shell kills the server when its standard input ends, which it does with this process.
	script := `"$@" & read -r _; kill -QUIT $!; wait $!`
	s.cmd = s.command(context.WithoutCancel(ctx), "postgres")
	s.cmd.Path, s.cmd.Args = "/bin/sh", []string{"sh", "-c", script, "sh", filepath.Join(s.programs, "postgres"),
		"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=" + sync, "-c", "full_page_writes=" + sync,
		"-c", "max_connections=50", "-c", "shared_buffers=64MB", "-c", "restart_after_crash=on"}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of PostgreSQL: %w", err)
	}
	defer func() { _ = log.Close() }() // the server has it
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if s.lifeline, err = s.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := s.await(ctx); err != nil {
		return errors.Join(err, s.Down())
	}
	return nil
}

// await waits until the server says in its files that it takes connections.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		state, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
		if err == nil && strings.Contains(string(state), "\nready") {
			tick.Stop()
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("wait for PostgreSQL: %w", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("PostgreSQL does not start: %w\n%s", ctx.Err(), log)
		}
	}
}

// Down kills the server at once, as a crash does; its files stay.
func (s *Server) Down() error {
	if s.cmd == nil {
		return nil
	}
	err := s.lifeline.Close()
	_ = s.cmd.Wait() // killed is how it ends
	s.cmd = nil
	// The next one must not take the old word for its own.
	if rerr := os.Remove(filepath.Join(s.data(), "postmaster.pid")); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return err
}

// Stop ends the server for good and removes its files.
func (s *Server) Stop() error { return errors.Join(s.Down(), os.RemoveAll(s.dir)) }

// URL returns where a database of the server is, for a user.
func (s *Server) URL(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database, RawQuery: url.Values{"host": {s.dir}}.Encode()}
	return u.String()
}

// Log returns what the server has said.
func (s *Server) Log() string {
	log, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(log)
}

// Name returns a name for a database that no other test has.
func (s *Server) Name() string { return fmt.Sprintf("test%d", s.databases.Add(1)) }

// Installed reports whether there is a PostgreSQL to start.
func Installed() bool {
	_, err := find()
	return err == nil
}

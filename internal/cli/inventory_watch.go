package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// The bounds of --interval, and how much of the time at most is spent with asking.
const (
	watchInterval = 2 * time.Second
	leastInterval = 100 * time.Millisecond
	watchShare    = 10
)

type watchFlags struct {
	on       bool
	interval time.Duration
}

func addWatchFlags(cmd *cobra.Command) *watchFlags {
	f := &watchFlags{}
	cmd.Flags().BoolVar(&f.on, "watch", false, "go on, and show what changes, until interrupted; needs --address")
	cmd.Flags().DurationVar(&f.interval, "interval", watchInterval, "how much `time` --watch leaves between two readings, more where they take long; where it is not given, less with a daemon that tells of changes")
	return f
}

// check returns an error for what cannot be watched.
func (f *watchFlags) check(from *inventoryFlags, env *Env, o *componentOutput, chosen bool) error {
	switch {
	case from.address == "":
		return withHint(usage(errors.New("--watch needs a daemon: a file changes for nobody who reads it")), "give --address with the metrics address of cimwatch serve")
	case !from.at.IsZero():
		return usage(errors.New("--watch and --at exclude each other: the past does not change"))
	case f.interval < leastInterval:
		return usage(fmt.Errorf("--interval %v: give %v or more", f.interval, leastInterval))
	case !chosen && !env.StdoutIsTerminal:
		o.format = formatLines
	case o.format == formatTable && env.StdoutIsTerminal, o.format == formatLines:
	default:
		return usage(fmt.Errorf("-o %s is not for --watch: choose ndjson, or on a terminal table", o.format))
	}
	return nil
}

// watch reads again and again, until it is interrupted or the first reading fails.
func (f *inventoryFlags) watch(cmd *cobra.Command, env *Env, watch *watchFlags, o componentOutput, q inventory.Query) error {
	if err := watch.check(f, env, &o, cmd.Flags().Changed("output")); err != nil {
		return err
	}
	return f.read(env, func(reader inventoryReader) error {
		ctx := cmd.Context()
		if err := checkComponentQuery(ctx, reader, &q); err != nil {
			return err
		}
		if err := env.noteProperties(ctx, reader, &q); err != nil {
			return err
		}
		w := &watching{env: env, reader: reader, query: q, shown: newLineWatcher(env.Stdout), interval: leastInterval}
		if o.format == formatTable {
			w.shown = &screenWatcher{env: env, output: o}
		}
		if cmd.Flags().Changed("interval") {
			w.interval = watch.interval
		}
		updates, end, err := w.begin(ctx)
		switch {
		case err == nil:
			defer end()
			return w.follow(ctx, updates)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, web.ErrNotFound):
			w.interval = watch.interval
			return w.poll(ctx)
		}
		return err
	})
}

// watching is one run of --watch.
type watching struct {
	env      *Env
	reader   inventoryReader
	query    inventory.Query
	shown    watcher
	interval time.Duration // between two readings, at least
}

// poll shows all, again and again.
func (w *watching) poll(ctx context.Context) error {
	return w.run(ctx, func() error { return w.shown.reading(w.reader.Find(ctx, w.query)) }, func(period time.Duration, _ bool) error {
		return pause(ctx, period)
	})
}

// run calls read, and again when wait returns nil, which is told how long to wait at least, and
// whether the last reading failed. What fails later than the first time is told and tried again.
func (w *watching) run(ctx context.Context, read func() error, wait func(period time.Duration, failed bool) error) error {
	failing := false
	for first := true; ; first = false {
		began := time.Now()
		err := read()
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // interrupted, by who has seen enough
		case err != nil && first, errors.Is(err, errOutput):
			return err
		case err != nil && !failing:
			note(w.env.Stderr, "note: "+err.Error()+"; trying again")
		}
		failing = err != nil
		if wait(max(w.interval, (watchShare-1)*time.Since(began)), failing) != nil {
			return nil //nolint:nilerr // interrupted, as above
		}
	}
}

// errOutput says that nobody takes what is written.
var errOutput = errors.New("write the output")

// A watcher is shown one reading after another.
type watcher interface {
	reading(all componentSeq) error
}

// lineWatcher writes what is another than at the last reading, one object a line.
type lineWatcher struct {
	w     io.Writer
	seed  maphash.Seed
	known map[string]map[string]watchedState // by host and ID
	round int
}

type watchedState struct {
	hash  uint64 // of its JSON
	round int    // in which it was there
}

// gone is the line of a component that is no longer in the list.
type gone struct {
	Host string `json:"host"`
	ID   string `json:"id"`
	Gone bool   `json:"gone"`
}

func newLineWatcher(w io.Writer) *lineWatcher {
	return &lineWatcher{w: w, seed: maphash.MakeSeed(), known: map[string]map[string]watchedState{}}
}

func (l *lineWatcher) reading(all componentSeq) error {
	if err := l.show(all); err != nil {
		return err
	}
	for host := range l.known {
		if err := l.showGone(host); err != nil {
			return err
		}
	}
	return nil
}

// readingOf is shown a reading of one host, which may have those of others besides.
func (l *lineWatcher) readingOf(host string, all componentSeq) error {
	if err := l.show(all); err != nil && !errors.Is(err, web.ErrNotFound) {
		return err
	}
	return l.showGone(host)
}

// show writes what has come or changed.
func (l *lineWatcher) show(all componentSeq) error {
	l.round++
	for c, err := range all {
		if err != nil {
			return err
		}
		known := l.known[c.Host]
		if known == nil {
			known = map[string]watchedState{}
			l.known[c.Host] = known
		}
		if err := l.line(&c, func(text []byte) bool {
			state := watchedState{maphash.Bytes(l.seed, text), l.round}
			before, ok := known[c.ID]
			known[c.ID] = state
			return !ok || before.hash != state.hash
		}); err != nil {
			return err
		}
	}
	return nil
}

// showGone writes what is gone of a host.
func (l *lineWatcher) showGone(host string) error {
	for id, state := range l.known[host] {
		if state.round == l.round {
			continue
		}
		delete(l.known[host], id)
		if err := l.line(gone{host, id, true}, func([]byte) bool { return true }); err != nil {
			return err
		}
	}
	if len(l.known[host]) == 0 {
		delete(l.known, host)
	}
	return nil
}

// line writes a value if its text is wanted.
func (l *lineWatcher) line(v any, wanted func(text []byte) bool) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	if !wanted(text.Bytes()) {
		return nil
	}
	if _, err := l.w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

// screenWatcher shows a table that fills the terminal at most.
type screenWatcher struct {
	env    *Env
	output componentOutput
	shown  string
}

// clearScreen moves to the top and clears what is below (ECMA-48 CUP and ED).
const clearScreen = "\x1b[H\x1b[J"

func (s *screenWatcher) reading(all componentSeq) error {
	var text strings.Builder
	table := s.env.componentWriter(&text, s.output)
	for c, err := range all {
		if err == nil {
			err = table.write(&c)
		}
		if err != nil {
			return err
		}
	}
	if err := table.end(""); err != nil {
		return err
	}
	if text.String() == s.shown {
		return nil
	}
	s.shown = text.String()
	if _, err := io.WriteString(s.env.Stdout, clearScreen+s.fitted()); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

// fitted returns the lines that the terminal has room for.
func (s *screenWatcher) fitted() string {
	lines := strings.SplitAfter(s.shown, "\n")
	count := len(lines) - 1
	if s.env.StdoutRows == nil {
		return s.shown
	}
	room := s.env.StdoutRows() - 1 // where the cursor stands
	if room < 2 || count <= room {
		return s.shown
	}
	return strings.Join(lines[:room-1], "") + fmt.Sprintf("... and %d more\n", count-room+1)
}

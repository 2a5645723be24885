package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/subscriber"
	"github.com/cimwatch/cimwatch/web"
)

// A demoShow prints what happens in the demo, as text or as one JSON object a line.
type demoShow struct {
	env    *Env
	output *outputFlag
	hosts  chan daemon.HostStatus
	told   atomic.Bool // the summary was printed

	mu          sync.Mutex // the daemon's goroutines print too
	err         error      // the first error of printing
	indications int
	changes     int
}

// demoEvent is one line of the demo's JSON output, described in docs/json.md. Type says
// which of the other fields are there.
type demoEvent struct {
	Type       string         `json:"type"` // "places", "subscribing", "inventory", "step", "indication", "summary"
	Time       time.Time      `json:"time"`
	Places     *demoPlaces    `json:"places,omitempty"`
	Text       string         `json:"text,omitempty"`
	Class      string         `json:"class,omitempty"`
	Severity   string         `json:"severity,omitempty"`
	Element    string         `json:"element,omitempty"`
	Changes    []web.Change   `json:"changes,omitempty"`
	Components map[string]int `json:"components,omitempty"` // by health
	Totals     *demoTotals    `json:"totals,omitempty"`
	next       []string
}

type demoPlaces struct {
	CIMServer string `json:"cim_server"`
	Listener  string `json:"listener"`
	Metrics   string `json:"metrics"`
	Store     string `json:"store"`
	temporary bool
}

type demoTotals struct {
	Indications int `json:"indications"`
	Changes     int `json:"changes"`
}

func newDemoShow(env *Env, output *outputFlag) *demoShow {
	return &demoShow{env: env, output: output, hosts: make(chan daemon.HostStatus, 16)}
}

// print prints an event. An error of printing is kept for the end.
func (s *demoShow) print(e demoEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printLocked(e)
}

func (s *demoShow) printLocked(e demoEvent) {
	e.Time = time.Now()
	if err := s.env.print(s.output, e); err != nil && s.err == nil {
		s.err = err
	}
}

func (s *demoShow) observer() daemon.Observer {
	return daemon.Observer{Stepped: s.subscribing, Host: s.host, Applied: s.applied}
}

func (s *demoShow) places(p demoPlaces) { s.print(demoEvent{Type: "places", Places: &p}) }

// subscribing prints the steps of subscribing; that the demo cleans up behind itself at its
// end is no part of the story.
func (s *demoShow) subscribing(_ string, step subscriber.Step) {
	if s.told.Load() {
		return
	}
	s.print(demoEvent{Type: "subscribing", Text: strings.TrimSpace(step.Action + " " + step.Object)})
}

func (s *demoShow) host(status daemon.HostStatus) {
	select {
	case s.hosts <- status:
	default: // nobody waits any more
	}
}

// inventory prints how many components of which health there are.
func (s *demoShow) inventory(ctx context.Context, d *daemon.Daemon) error {
	counts, err := componentsByHealth(ctx, d)
	if err != nil {
		return err
	}
	s.print(demoEvent{Type: "inventory", Components: counts})
	return nil
}

func componentsByHealth(ctx context.Context, d *daemon.Daemon) (map[string]int, error) {
	hosts, err := d.Source().Hosts(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for i := range hosts {
		for health, n := range hosts[i].Components {
			counts[health] += n
		}
	}
	return counts, nil
}

func (s *demoShow) step(title string) { s.print(demoEvent{Type: "step", Text: title}) }

// applied prints an indication and what it changed.
func (s *demoShow) applied(_ store.Entry, e event.Event, changes []inventory.Change) {
	views := make([]web.Change, len(changes))
	for i := range changes {
		views[i] = web.NewChange(&changes[i])
	}
	line := demoEvent{
		Type: "indication", Class: e.Class, Severity: e.Severity.String(), Text: e.Description, Changes: views,
	}
	if !e.Element.IsZero() {
		line.Element = e.Element.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indications++
	s.changes += len(changes)
	s.printLocked(line)
}

// awaitHost waits until the host is subscribed to and its inventory is read.
func (s *demoShow) awaitHost(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case status := <-s.hosts:
			if status.State == daemon.StateSubscribed {
				return nil
			}
			return errors.New("the simulated host could not be watched: " + status.Detail)
		}
	}
}

// summary prints what there was and what to try next.
func (s *demoShow) summary(ctx context.Context, d *daemon.Daemon, o *demoOptions) error {
	counts, err := componentsByHealth(ctx, d)
	if err != nil {
		return err
	}
	s.told.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printLocked(demoEvent{
		Type: "summary", Components: counts,
		Totals: &demoTotals{Indications: s.indications, Changes: s.changes},
		next:   nextCommands(s.env.program(), d, o),
	})
	return s.err
}

func nextCommands(program string, d *daemon.Daemon, o *demoOptions) []string {
	var next []string
	switch {
	case o.keep:
		address := "--address http://" + d.MetricsAddr().String()
		next = append(next, "inventory list "+address, "inventory history "+demoHost+" "+address)
	case o.db != "":
		next = append(next, "inventory list --db "+shellWord(o.db), "inventory history "+demoHost+" --db "+shellWord(o.db))
	default:
		next = append(next, "demo --keep", "demo --db demo.db")
	}
	next = append(next, "listen",
		"subscribe https://ESXI-HOST -u root --class OMC_IpmiAlertIndication --listener http://THIS-MACHINE:PORT",
		"serve -c cimwatch.yaml")
	for i := range next {
		next[i] = program + " " + next[i]
	}
	return next
}

// WriteText writes an event as the lines of a story.
func (e demoEvent) WriteText(w io.Writer, color bool) error {
	var b strings.Builder
	switch e.Type {
	case "places":
		e.writePlaces(&b)
	case "subscribing":
		fmt.Fprintf(&b, "  %s\n", printable(e.Text))
	case "inventory":
		fmt.Fprintf(&b, "\nInventory read: %s\n", showCounts(e.Components, color))
	case "step":
		fmt.Fprintf(&b, "\n%s  %s\n", e.Time.Format(time.TimeOnly), paint(color, text.Bold, printable(e.Text)))
	case "indication":
		e.writeIndication(&b, color)
	case "summary":
		e.writeSummary(&b, color)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (e demoEvent) writePlaces(b *strings.Builder) {
	keep := ""
	if e.Places.temporary {
		keep = " (temporary)"
	}
	fmt.Fprintf(b, "CIM server  %s (a simulated ESXi host, %s)\n", e.Places.CIMServer, demoHost)
	fmt.Fprintf(b, "Listener    %s\n", e.Places.Listener)
	fmt.Fprintf(b, "Metrics     %s/metrics\n", e.Places.Metrics)
	fmt.Fprintf(b, "Store       %s%s\n\nSubscribing\n", e.Places.Store, keep)
}

func (e demoEvent) writeIndication(b *strings.Builder, color bool) {
	what := e.Text
	if what == "" {
		what = e.Element
	}
	fmt.Fprintf(b, "          %s  %s\n", paint(color, text.FgCyan, printable(e.Class)), printable(clipText(what, 120)))
	for i := range e.Changes {
		c := &e.Changes[i]
		kind := paint(color, changeColor(c), c.Kind)
		line := fmt.Sprintf("%s %s: %s %s", printable(c.Component), printable(c.Name), kind, printable(clipText(changed(c), 100)))
		fmt.Fprintf(b, "          -> %s\n", strings.TrimRight(line, " "))
	}
	if len(e.Changes) == 0 {
		b.WriteString("          -> nothing new\n")
	}
}

func (e demoEvent) writeSummary(b *strings.Builder, color bool) {
	fmt.Fprintf(b, "\n%s\n", paint(color, text.Bold, "Summary"))
	fmt.Fprintf(b, "  components   %s\n", showCounts(e.Components, color))
	fmt.Fprintf(b, "  changes      %d\n", e.Totals.Changes)
	fmt.Fprintf(b, "  indications  %d received\n\nNext\n", e.Totals.Indications)
	for _, command := range e.next {
		fmt.Fprintf(b, "  %s\n", command)
	}
}

// showCounts writes "57 (55 ok, 2 warning)".
func showCounts(counts map[string]int, color bool) string {
	total := 0
	var parts []string
	for _, health := range []string{"critical", "warning", "ok", "absent", "unknown"} {
		if n := counts[health]; n > 0 {
			total += n
			parts = append(parts, paint(color, healthColor(health), fmt.Sprintf("%d %s", n, health)))
		}
	}
	slices.Reverse(parts)
	return fmt.Sprintf("%d (%s)", total, strings.Join(parts, ", "))
}

// clipText bounds a text of a server to so many characters.
func clipText(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}

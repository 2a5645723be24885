package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/cimwatch/cimwatch/inventory"
)

// Report is the outcome of a check.
type Report struct {
	State      State              `json:"state"`
	Code       int                `json:"code"`
	Computer   inventory.Computer `json:"computer"`
	Counts     Counts             `json:"counts"`
	Components []Component        `json:"components"`
	Unread     []Unread           `json:"unread"`
}

// Counts are how many components there are of each sort; each is of one.
type Counts struct {
	OK       int `json:"ok"`
	Warning  int `json:"warning"`
	Critical int `json:"critical"`
	Unknown  int `json:"unknown"`
	Absent   int `json:"absent"`
	Ignored  int `json:"ignored"`
}

// Sum returns how many there are.
func (n Counts) Sum() int { return n.OK + n.Warning + n.Critical + n.Unknown + n.Absent + n.Ignored }

func (n *Counts) add(c *Component) {
	switch {
	case c.Ignored:
		n.Ignored++
	case c.State == Critical:
		n.Critical++
	case c.State == Warning:
		n.Warning++
	case c.State == Unknown:
		n.Unknown++
	case c.Health == inventory.Absent:
		n.Absent++
	default:
		n.OK++
	}
}

// Component is a component as a plugin sees it.
type Component struct {
	ID      string           `json:"id"`
	Class   string           `json:"class"`
	Kind    inventory.Kind   `json:"kind"`
	Name    string           `json:"name"`
	State   State            `json:"state"`
	Health  inventory.Health `json:"health"`
	Reason  string           `json:"reason,omitempty"`
	Ignored bool             `json:"ignored,omitempty"` // it does not count
	Reading *Reading         `json:"reading,omitempty"`
}

// Reading is what a sensor measures, with its limits: those of the options before its own.
type Reading struct {
	inventory.Reading
	Warning  *Range   `json:"warning,omitempty"`
	Critical *Range   `json:"critical,omitempty"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
}

// Unread is a class, or the host as a whole, that could not be read.
type Unread struct {
	Class string `json:"class,omitempty"` // "" for the host
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
	State State  `json:"state"` // set by New
}

// New judges the components of a host by the options. Storage that does not count and what was
// removed is not in the report. Where there is nothing at all, the state is not OK.
func New(components []inventory.Component, unread []Unread, o *Options) Report {
	r := Report{Computer: inventory.ComputerOf(components), Components: []Component{}, Unread: []Unread{}}
	for n := range components {
		c := &components[n]
		if !c.Removed.IsZero() || !o.Storage.Counts(c.Class) {
			continue
		}
		judged := o.judge(c)
		if !judged.Ignored {
			r.State = Worse(r.State, judged.State)
		}
		r.Counts.add(&judged)
		r.Components = append(r.Components, judged)
	}
	for _, u := range slices.Concat(unread, o.unused(components)) {
		u.State = o.Unread
		r.State = Worse(r.State, u.State)
		r.Unread = append(r.Unread, u)
	}
	if len(r.Components) == 0 && r.State == OK {
		r.doubt()
	}
	r.Code = r.State.Code()
	slices.SortStableFunc(r.Components, order)
	return r
}

// doubt makes a report of nothing UNKNOWN.
func (r *Report) doubt() {
	r.State = Unknown
	if len(r.Unread) == 0 {
		r.Unread = append(r.Unread, Unread{Error: "there are no components to check"})
	}
	for n := range r.Unread {
		r.Unread[n].State = Unknown
	}
}

// unused returns the limits that are for no sensor: one that was renamed or is gone would else
// never be heard of again.
func (o *Options) unused(components []inventory.Component) []Unread {
	var unused []Unread
	for _, l := range o.Limits {
		used := slices.ContainsFunc(components, func(c inventory.Component) bool {
			_, ok := c.Reading()
			return ok && l.Sensors.Match(c.Name)
		})
		if !used {
			unused = append(unused, Unread{Error: fmt.Sprintf("no sensor for the limit %q", l.Text)})
		}
	}
	return unused
}

// order puts the worst first, and what does not count last.
func order(a, b Component) int {
	if a.Ignored != b.Ignored {
		if a.Ignored {
			return 1
		}
		return -1
	}
	return cmp.Or(
		cmp.Compare(severity[b.State.known()], severity[a.State.known()]), cmp.Compare(b.Health, a.Health),
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID),
	)
}

// judge makes a component's state out of its health and the limits of its reading.
func (o *Options) judge(c *inventory.Component) Component {
	judged := Component{
		ID: c.ID, Class: c.Class, Kind: c.Kind, Name: c.Name,
		State: o.stateOf(c.Health), Health: c.Health, Reason: c.Reason, Ignored: o.Ignore.Match(c.Name),
	}
	measured, ok := c.Reading()
	if !ok {
		return judged
	}
	judged.Reading = newReading(c, measured)
	if c.Health == inventory.Absent {
		return judged
	}
	for _, l := range o.Limits {
		if l.Sensors.Match(c.Name) {
			judged.limit(&l)
		}
	}
	return judged
}

// limit puts a limit in place of the sensor's own, and judges the reading by it.
func (c *Component) limit(l *Limit) {
	limits := &c.Reading.Warning
	if l.State == Critical {
		limits = &c.Reading.Critical
	}
	*limits = &l.Range
	if l.Range.Alerts(c.Reading.Value) && Worse(c.State, l.State) != c.State {
		c.State = l.State
		c.Reason = fmt.Sprintf("beyond the limit %s", l.Range)
	}
}

func newReading(c *inventory.Component, measured inventory.Reading) *Reading {
	t := c.Thresholds()
	return &Reading{
		Reading: measured, Min: t.Min, Max: t.Max,
		Warning: between(t.LowWarning, t.HighWarning), Critical: between(t.LowCritical, t.HighCritical),
	}
}

// between returns the range from low to high; an end that is not there is none.
func between(low, high *float64) *Range {
	if low == nil && high == nil {
		return nil
	}
	r := Range{Low: math.Inf(-1), High: math.Inf(1)}
	if low != nil {
		r.Low = *low
	}
	if high != nil {
		r.High = *high
	}
	return &r
}

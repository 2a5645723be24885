package inventory

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Baseline is what a host should have. It is saved from a host and edited by hand: a
// field that is left out of an [Expectation] may be anything, and what a host has of kinds
// that no Expectation names is not looked at.
type Baseline struct {
	Host       string        `json:"host,omitempty"` // that it was saved from
	Saved      time.Time     `json:"saved,omitzero"`
	Components []Expectation `json:"components"`
}

// Expectation is so many components of a kind, alike in what is given.
type Expectation struct {
	Kind     Kind   `json:"kind"`
	Count    int    `json:"count"`
	Name     string `json:"name,omitempty"`
	Slot     string `json:"slot,omitempty"`
	Vendor   string `json:"vendor,omitempty"`
	Model    string `json:"model,omitempty"`
	Part     string `json:"part,omitempty"`
	Size     string `json:"size,omitempty"` // such as "32 GB", of memory by 1024
	Serial   string `json:"serial,omitempty"`
	Firmware string `json:"firmware,omitempty"`

	// Properties are values by name, in the lexical form of CIM: "2", "TRUE", "text".
	Properties map[string]string `json:"properties,omitempty"`
}

// NewBaseline returns what the components of a host are, counted by what they have in common.
// With each, every component stands for itself, with name, slot and serial number. What is
// absent does not count, but for ports, which nothing may be plugged into, and sensors.
func NewBaseline(host string, components []Component, saved time.Time, each bool) *Baseline {
	b := &Baseline{Host: host, Saved: saved, Components: []Expectation{}}
	at := map[string]int{}
	for _, c := range present(components) {
		if !counts(c) {
			continue
		}
		e := expectationOf(c, each)
		key := e.describe() + "\x00" + e.Name
		n, ok := at[key]
		if !ok || each {
			at[key] = len(b.Components)
			b.Components = append(b.Components, e)
			continue
		}
		b.Components[n].Count++
	}
	return b
}

// counts reports whether a component is something that a host should have: not the host as
// such, and not an empty place.
func counts(c *Component) bool {
	return c.Removed.IsZero() && c.Kind != KindHost &&
		(c.Health != Absent || c.Kind == KindPort || c.Kind == KindSensor)
}

func expectationOf(c *Component, each bool) Expectation {
	e := Expectation{Kind: c.Kind, Count: 1, Vendor: c.Vendor, Model: c.Model, Part: c.Part, Firmware: c.Firmware, Size: c.sizeText()}
	if each || c.Kind == KindFirmware {
		e.Name = c.Name
	}
	if each {
		e.Slot, e.Serial = c.Slot, c.Serial
	}
	return e
}

func (c *Component) sizeText() string {
	if n, ok := c.Size(); ok {
		return sizeText(c.Kind, n)
	}
	return ""
}

// String returns what is expected, for people: "16 x memory module of 32 GB, Samsung".
func (e *Expectation) String() string { return fmt.Sprintf("%d x %s", e.Count, e.describe()) }

// describe returns what all of an expectation are.
func (e *Expectation) describe() string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	if e.Size != "" {
		b.WriteString(" of " + e.Size)
	}
	for _, f := range e.fields() {
		switch {
		case f.name == "name" && !f.property:
			b.WriteString(", " + f.want)
		case f.name != "size" || f.property:
			b.WriteString(", " + f.name + " " + f.want)
		}
	}
	return b.String()
}

// mostBaseline bounds a file in bytes, mostExpectation what is in it, mostComponents a count.
const (
	mostBaseline    = 16 << 20
	mostComponents  = 1 << 20
	mostExpectation = 10_000
)

// ReadBaseline reads the JSON of a Baseline. The error names the place and what is expected
// there.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	d := json.NewDecoder(io.LimitReader(r, mostBaseline))
	d.DisallowUnknownFields()
	b := &Baseline{}
	if err := d.Decode(b); err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read baseline: there is more behind its end")
	}
	if len(b.Components) > mostExpectation {
		return nil, fmt.Errorf("read baseline: %d components, at most %d can be expected", len(b.Components), mostExpectation)
	}
	for n := range b.Components {
		if err := b.Components[n].check(); err != nil {
			return nil, fmt.Errorf("read baseline: components[%d]: %w", n, err)
		}
	}
	return b, nil
}

func (e *Expectation) check() error {
	e.Kind = Kind(strings.ToLower(strings.TrimSpace(string(e.Kind))))
	switch {
	case e.Kind == "":
		return errors.New("kind: it is missing, such as \"memory module\"")
	case e.Count < 0 || e.Count > mostComponents:
		return fmt.Errorf("count %d: expected a number from 0 to %d", e.Count, mostComponents)
	case e.Size != "":
		_, err := parseSize(e.Kind, e.Size)
		return err
	default:
		return nil
	}
}

// UnmarshalJSON reads an expectation; without a count it is of one.
func (e *Expectation) UnmarshalJSON(text []byte) error {
	type plain Expectation
	one := plain{Count: 1}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&one); err != nil {
		return err
	}
	*e = Expectation(one)
	return nil
}

// field is one thing that an expectation gives.
type field struct {
	name, want string
	property   bool
}

// fields returns what is given, in the order in which people ask for it.
func (e *Expectation) fields() []field {
	var given []field
	for _, f := range []field{
		{name: "name", want: e.Name}, {name: "slot", want: e.Slot}, {name: "size", want: e.Size},
		{name: "vendor", want: e.Vendor}, {name: "model", want: e.Model}, {name: "part", want: e.Part},
		{name: "serial", want: e.Serial}, {name: "firmware", want: e.Firmware},
	} {
		if f.want != "" {
			given = append(given, f)
		}
	}
	var properties []field
	for name, want := range e.Properties {
		properties = append(properties, field{name, want, true})
	}
	slices.SortFunc(properties, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	return append(given, properties...)
}

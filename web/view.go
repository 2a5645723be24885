package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// Host is a managed system as the API shows it.
type Host struct {
	Name           string         `json:"name"`
	URL            string         `json:"url"`
	State          string         `json:"state"`            // of its subscriptions: "subscribed", "failing", ...
	Detail         string         `json:"detail,omitempty"` // why, when it is not as it should be
	LastSync       time.Time      `json:"last_sync,omitzero"`
	LastIndication time.Time      `json:"last_indication,omitzero"`
	Health         string         `json:"health"` // the worst of its components
	Components     map[string]int `json:"components"`
}

// Component is a part of a host as the API shows it.
type Component struct {
	Host       string               `json:"host"`
	ID         string               `json:"id"`
	Path       string               `json:"path,omitempty"`
	Class      string               `json:"class"`
	Kind       string               `json:"kind"`
	Name       string               `json:"name"`
	Slot       string               `json:"slot,omitempty"`
	Vendor     string               `json:"vendor,omitempty"`
	Model      string               `json:"model,omitempty"`
	Part       string               `json:"part,omitempty"`
	Serial     string               `json:"serial,omitempty"`
	Firmware   string               `json:"firmware,omitempty"`
	Health     string               `json:"health"`
	Reason     string               `json:"reason,omitempty"`
	Since      time.Time            `json:"since,omitzero"`
	Reading    string               `json:"reading,omitempty"` // with its unit, "42 C"
	Conditions []Condition          `json:"conditions"`
	Properties Properties           `json:"properties"`
	Relations  []inventory.Relation `json:"relations,omitempty"`
	FirstSeen  time.Time            `json:"first_seen,omitzero"`
	LastSeen   time.Time            `json:"last_seen,omitzero"`
	Removed    time.Time            `json:"removed,omitzero"`
}

// Condition is an open condition of a component as the API shows it.
type Condition struct {
	Key      string          `json:"key"`
	Text     string          `json:"text"`
	Severity string          `json:"severity"`
	Since    time.Time       `json:"since,omitzero"`
	Count    int             `json:"count"` // how often it was raised
	Cause    inventory.Cause `json:"cause"`
}

// Change is an entry of the history as the API shows it.
type Change struct {
	Time      time.Time            `json:"time"`
	Known     time.Time            `json:"known"` // when this machine got to know
	Host      string               `json:"host"`
	ID        string               `json:"id"`
	Component string               `json:"component"` // its kind
	Name      string               `json:"name"`
	Kind      string               `json:"kind"`
	Property  string               `json:"property,omitempty"`
	Old       json.RawMessage      `json:"old"`
	New       json.RawMessage      `json:"new"`
	Severity  string               `json:"severity,omitempty"` // conditions only
	Health    string               `json:"health"`             // afterwards
	Cause     inventory.Cause      `json:"cause"`
	Relations []inventory.Relation `json:"relations,omitempty"` // of what came, or to the member
}

// Past are components as they were.
type Past struct {
	Components []Component `json:"components"`
	Condensed  int         `json:"condensed,omitempty"` // how many of them may have been otherwise: not all changes of that time are kept
}

// Properties are the properties of a component in their order; JSON has them as an object.
type Properties []Property

// Property is a property of a component, its value as JSON.
type Property struct {
	Name  string
	Value json.RawMessage
}

// MarshalJSON writes an object with the properties in their order.
func (p Properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(p[i].Name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(p[i].Value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object and keeps the order of its members.
func (p *Properties) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("properties: expected an object")
	}
	*p = Properties{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		text, ok := name.(string)
		if !ok {
			return fmt.Errorf("properties: expected a name")
		}
		property := Property{Name: text}
		if err := d.Decode(&property.Value); err != nil {
			return err
		}
		*p = append(*p, property)
	}
	return nil
}

// NewComponent returns the view of a component.
func NewComponent(c *inventory.Component) Component {
	v := Component{
		Host: c.Host, ID: c.ID, Class: c.Class, Kind: string(c.Kind), Name: c.Name, Slot: c.Slot,
		Vendor: c.Vendor, Model: c.Model, Part: c.Part, Serial: c.Serial, Firmware: c.Firmware,
		Health: c.Health.String(), Reason: c.Reason, Since: c.Since, FirstSeen: c.FirstSeen,
		LastSeen: c.LastSeen, Removed: c.Removed, Conditions: []Condition{}, Relations: c.Relations,
	}
	if !c.Path.IsZero() {
		v.Path = c.Path.String()
	}
	if r, ok := c.Reading(); ok {
		v.Reading = fmt.Sprintf("%.6g %s", r.Value, r.Unit)
	}
	for _, open := range c.Conditions {
		v.Conditions = append(v.Conditions, Condition{
			Key: open.Key, Text: open.Text, Severity: open.Severity.String(),
			Since: open.Since, Count: open.Count, Cause: open.Cause,
		})
	}
	v.Properties = NewProperties(c.Properties)
	return v
}

// Plain returns the component without its path, properties and conditions.
func (c *Component) Plain() inventory.Component {
	return inventory.Component{
		Host: c.Host, ID: c.ID, Class: c.Class, Kind: inventory.Kind(c.Kind), Name: c.Name, Slot: c.Slot,
		Vendor: c.Vendor, Model: c.Model, Part: c.Part, Serial: c.Serial, Firmware: c.Firmware,
		Health: inventory.ParseHealth(c.Health), Reason: c.Reason, Since: c.Since, FirstSeen: c.FirstSeen,
		LastSeen: c.LastSeen, Removed: c.Removed, Relations: c.Relations,
	}
}

// NewChange returns the view of a change.
func NewChange(c *inventory.Change) Change {
	v := Change{
		Time: c.Time, Known: c.Known, Host: c.Host, ID: c.ID, Component: string(c.Component), Name: c.Name,
		Kind: c.Kind.String(), Property: c.Property, Old: valueJSON(c.Old), New: valueJSON(c.New),
		Health: c.Health.String(), Cause: c.Cause, Relations: c.Relations,
	}
	if c.Kind == inventory.ConditionRaised || c.Kind == inventory.ConditionCleared {
		v.Severity = c.Severity.String()
	}
	return v
}

// valueJSON returns a value as JSON. Values marshal without fail, so an error can only
// be one of this program; it is shown in the value's place.
func valueJSON(v cim.Value) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		text, _ = json.Marshal(err.Error()) // a string always marshals
	}
	return text
}

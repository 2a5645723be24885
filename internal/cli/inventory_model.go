package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// modelsOf returns the components of a host as package inventory has them, at a time or now.
// Their values have the types that JSON tells apart, so that only such are to be compared.
func modelsOf(ctx context.Context, env *Env, reader inventoryReader, host string, at time.Time) ([]inventory.Component, error) {
	if !at.IsZero() {
		reader = pastReader{reader, env, at}
	}
	views, err := reader.Components(ctx, host)
	if err != nil {
		return nil, err
	}
	components := make([]inventory.Component, len(views))
	for n := range views {
		components[n] = modelOf(&views[n])
	}
	return components, nil
}

// modelOf returns all of a component that can be compared.
func modelOf(v *web.Component) inventory.Component {
	c := componentOf(v)
	c.Slot, c.Part, c.Relations, c.Properties = v.Slot, v.Part, v.Relations, nil
	if path, err := cim.ParseObjectPath(v.Path); err == nil {
		c.Path = path
	}
	for n := range v.Conditions {
		c.Conditions = append(c.Conditions, inventory.Condition{Key: v.Conditions[n].Key, Text: v.Conditions[n].Text})
	}
	for _, p := range v.Properties {
		c.Properties = append(c.Properties, cim.Prop(p.Name, valueOf(p.Value)))
	}
	return c
}

// valueOf returns JSON as a value: an object, which only embedded ones have, as its text.
func valueOf(raw json.RawMessage) cim.Value {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return cim.Null(cim.TypeString)
	case string(raw) == "true", string(raw) == "false":
		return cim.Boolean(raw[0] == 't')
	case raw[0] == '[':
		return arrayOf(raw)
	}
	if v, ok := scalarOf(raw); ok {
		return v
	}
	return cim.String(string(raw))
}

// arrayOf returns an array whose elements are alike, and any other as its text.
func arrayOf(raw json.RawMessage) cim.Value {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		return cim.String(string(raw))
	}
	elements := make([]cim.Value, len(list))
	for n := range list {
		elements[n] = valueOf(list[n])
		if elements[n].IsNull() || elements[n].IsArray() || elements[n].Type() != elements[0].Type() {
			return cim.String(string(raw))
		}
	}
	return cim.ArrayOf(elements[0].Type(), elements...)
}

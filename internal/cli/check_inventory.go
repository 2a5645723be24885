package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/internal/check"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// readInventory reads what a daemon knows of a host, and returns it with the host's name and
// what speaks against relying on it. A host need not be named where there is one only.
func (o *checkOptions) readInventory(ctx context.Context, env *Env, name string,
) (host string, components []inventory.Component, unread []check.Unread, err error) {
	host = name
	err = o.from.read(env, func(reader inventoryReader) error {
		hosts, err := reader.Hosts(ctx)
		if err != nil {
			return err
		}
		found, err := chooseHost(hosts, name)
		if err != nil {
			return err
		}
		host, unread = found.Name, o.doubts(found, time.Now())
		views, err := reader.Components(ctx, found.Name)
		for i := range views {
			components = append(components, componentOf(&views[i]))
		}
		return err
	})
	return host, components, unread, err
}

func chooseHost(hosts []web.Host, name string) (*web.Host, error) {
	if name == "" && len(hosts) == 1 {
		return &hosts[0], nil
	}
	for i := range hosts {
		if name != "" && strings.EqualFold(hosts[i].Name, name) {
			return &hosts[i], nil
		}
	}
	const hint = `list the hosts with "cimwatch inventory hosts"`
	if name == "" {
		return nil, withHint(usage(fmt.Errorf("the inventory has %d hosts: name one", len(hosts))), hint)
	}
	return nil, withHint(fmt.Errorf("no host %q in the inventory", printable(name)), hint)
}

// doubts returns what speaks against relying on what a daemon knows of a host: that it cannot
// read the host, or has not for long.
func (o *checkOptions) doubts(h *web.Host, now time.Time) []check.Unread {
	var doubts []check.Unread
	switch daemon.State(h.State) {
	case daemon.StateUnconfigured:
		return []check.Unread{{
			Error: "nobody looks after the host: the daemon's configuration no longer has it",
			Hint:  "add it to hosts in the configuration of cimwatch serve, or check it no more",
		}}
	case daemon.StateFailing:
		doubts = append(doubts, check.Unread{Error: "the daemon cannot look after the host: " + h.Detail})
	}
	age := now.Sub(h.LastSync)
	switch {
	case h.LastSync.IsZero():
		doubts = append(doubts, check.Unread{Error: "the daemon has not read the host yet"})
	case o.maxAge > 0 && age > o.maxAge:
		doubts = append(doubts, check.Unread{
			Error: fmt.Sprintf("the host was last read %s ago", age.Round(time.Second)),
			Hint:  "is the daemon running? --max-age sets how old the reading may be",
		})
	}
	return doubts
}

// componentOf returns a component as the inventory has it, as far as a report needs it.
func componentOf(v *web.Component) inventory.Component {
	c := inventory.Component{
		ID: v.ID, Host: v.Host, Class: v.Class, Kind: inventory.Kind(v.Kind), Name: v.Name,
		Vendor: v.Vendor, Model: v.Model, Serial: v.Serial, Firmware: v.Firmware,
		Health: inventory.ParseHealth(v.Health), Reason: v.Reason, Removed: v.Removed,
	}
	for _, p := range v.Properties {
		if value, ok := scalarOf(p.Value); ok {
			c.Properties = append(c.Properties, cim.Prop(p.Name, value))
		}
	}
	return c
}

// scalarOf returns a number or a text out of JSON; ok is false for anything else.
func scalarOf(raw json.RawMessage) (v cim.Value, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return v, false
	}
	switch value := value.(type) {
	case string:
		return cim.String(value), true
	case json.Number:
		return numberOf(value.String())
	default:
		return v, false
	}
}

func numberOf(text string) (v cim.Value, ok bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return cim.Sint64(n), true
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return cim.Uint64(n), true
	}
	f, err := strconv.ParseFloat(text, 64)
	return cim.Real64(f), err == nil || errors.Is(err, strconv.ErrRange)
}

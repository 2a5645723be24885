package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/cimwatch/cimwatch/web"
)

// standingList is how the subscriptions of a daemon's hosts stand.
type standingList struct {
	Hosts []web.HostSubscriptions `json:"hosts"`
}

// listStandings asks a daemon.
func listStandings(ctx context.Context, env *Env, output *outputFlag, from *daemonFlags) error {
	client, err := from.client(ctx, env)
	if err != nil {
		return err
	}
	hosts, err := client.Subscriptions(ctx)
	if err != nil {
		return explainDaemon(err)
	}
	if err := env.print(output, standingList{hosts}); err != nil || output.format == formatJSON {
		return err
	}
	noteStandings(env, hosts)
	return nil
}

// mostNotes bounds the lines about configurations.
const mostNotes = 20

// noteStandings tells once what is amiss with the configuration of hosts.
func noteStandings(env *Env, hosts []web.HostSubscriptions) {
	var all []string
	for i := range hosts {
		all = append(all, hosts[i].Notes...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for n, text := range all {
		if n == mostNotes {
			note(env.Stderr, fmt.Sprintf("warning: and %d more", len(all)-n))
			break
		}
		note(env.Stderr, "warning: "+text)
	}
}

// WriteText writes a table.
func (l standingList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Hosts))
	for i := range l.Hosts {
		h := &l.Hosts[i]
		state, standing := cell{text: h.State}, cell{text: fmt.Sprintf("%d of %d", h.Standing, h.Declared)}
		if h.State != "subscribed" {
			state.color = text.FgYellow
		}
		if h.Standing < h.Declared {
			standing.color = text.FgYellow
		}
		rows[i] = []cell{
			{text: h.Host}, state, {text: showTime(h.Since)}, standing,
			{text: showTime(h.Looked)}, {text: showTime(h.Next)}, {text: showTime(h.LastIndication)}, {text: oneLine(h.Detail)},
		}
	}
	return writeTable(w, color,
		[]string{"HOST", "STATE", "SINCE", "STANDING", "LOOKED", "NEXT LOOK", "LAST INDICATION", "WHY"}, rows)
}

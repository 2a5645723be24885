package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
)

func newInventoryBaselineCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Say what a host should have, and check that it does",
		Long: `A baseline is a file that says which components a host should have, such as 16 memory modules of 32 GB. It
is saved from a host that is as it should be, edited by hand, and checked against that host or others.`,
	}
	cmd.AddCommand(newBaselineSaveCommand(env), newBaselineCheckCommand(env))
	return cmd
}

// baselineView is what baseline save prints.
type baselineView struct{ *inventory.Baseline }

func newBaselineSaveCommand(env *Env) *cobra.Command {
	var each bool
	cmd := &cobra.Command{
		Use:   "save HOST",
		Short: "Write what a host has as a baseline",
		Long: `save writes what a host has to standard output, as JSON to edit: so many components of each kind, alike in
vendor, model, part, size and firmware. What is taken out of an entry may be anything, and kinds without
an entry are not checked. An entry can also have name, slot, serial, and properties with their values.
With --each, every component stands for itself.`,
		Example: `  cimwatch inventory baseline save esx1 --db cimwatch.db >r740.json
  cimwatch inventory baseline save esx1 --each --db cimwatch.db -o table`,
		Args: arguments("HOST"),
	}
	from := addInventoryFlags(cmd)
	from.addAtFlag(cmd)
	cmd.Flags().BoolVar(&each, "each", false, "an entry for each component, with its name, slot and serial number")
	output := addOutputFlag(cmd, formatJSON, formatTable)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return from.read(env, func(reader inventoryReader) error {
			host, err := findHost(cmd.Context(), reader, args[0])
			if err != nil {
				return err
			}
			components, err := modelsOf(cmd.Context(), env, reader, host, time.Time{})
			if err != nil {
				return err
			}
			b := inventory.NewBaseline(host, components, time.Now().UTC().Truncate(time.Second), each)
			if len(b.Components) == 0 {
				return withHint(fmt.Errorf("nothing is known of what host %s has", host),
					`"cimwatch inventory hosts" tells when it was read; "cimwatch inventory sync" has a daemon read it`)
			}
			if output.format == formatJSON {
				return writeBaseline(env.Stdout, b)
			}
			return env.print(output, baselineView{b})
		})
	}
	return cmd
}

// writeBaseline writes an entry a line, for an editor.
func writeBaseline(w io.Writer, b *inventory.Baseline) error {
	head, err := json.Marshal(map[string]any{"host": b.Host, "saved": b.Saved})
	text := slices.Concat(head[:max(len(head)-1, 0)], []byte(`,"components":[`))
	for n := range b.Components {
		entry, failed := json.Marshal(&b.Components[n])
		err = errors.Join(err, failed)
		if n > 0 {
			text = append(text, ',')
		}
		text = append(append(text, "\n  "...), entry...)
	}
	text = append(text, "\n]}\n"...)
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	return nil
}

// WriteText writes a table.
func (v baselineView) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(v.Components))
	for n := range v.Components {
		e := &v.Components[n]
		rows[n] = []cell{
			{text: strconv.Itoa(e.Count)}, {text: string(e.Kind)}, {text: e.Size}, {text: e.Name}, {text: e.Slot}, {text: e.Vendor},
			{text: e.Model}, {text: e.Part}, {text: e.Serial}, {text: e.Firmware},
		}
	}
	return writeTable(w, color, []string{"COUNT", "KIND", "SIZE", "NAME", "SLOT", "VENDOR", "MODEL", "PART", "SERIAL", "FIRMWARE"}, rows)
}

// deviationList is what baseline check prints.
type deviationList struct {
	Hosts []hostDeviations `json:"hosts"`
}

type hostDeviations struct {
	Host       string                `json:"host"`
	Deviations []inventory.Deviation `json:"deviations"`
}

func newBaselineCheckCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE [HOST]...",
		Short: "Check that hosts have what a baseline says",
		Long: `check compares what hosts have with a baseline, - for standard input; without HOST, the host that it was saved
from. It shows in what they deviate, and nothing where they do not. The exit code is then 1, else 0.`,
		Example: `  cimwatch inventory baseline check r740.json --db cimwatch.db
  cimwatch inventory baseline check r740.json esx1 esx2 esx3 --address http://127.0.0.1:9720`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("missing argument FILE")
			}
			return nil
		},
	}
	from := addInventoryFlags(cmd)
	from.addAtFlag(cmd)
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		baseline, err := readBaseline(env, args[0])
		if err != nil {
			return err
		}
		hosts := args[1:]
		if len(hosts) == 0 {
			if baseline.Host == "" {
				return withHint(usage(errors.New("the baseline names no host")), "name the hosts to check behind the file")
			}
			hosts = []string{baseline.Host}
		}
		return from.read(env, func(reader inventoryReader) error {
			l, err := checkBaseline(cmd.Context(), env, reader, baseline, hosts)
			if err == nil {
				err = env.print(output, l)
			}
			if err != nil {
				return err
			}
			return l.failure()
		})
	}
	return cmd
}

// readBaseline reads a file, or standard input for "-".
func readBaseline(env *Env, name string) (*inventory.Baseline, error) {
	r := env.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read baseline: %w", err)
		}
		defer func() { _ = file.Close() }() // it was only read from
		r = file
	}
	b, err := inventory.ReadBaseline(r)
	if err == nil && len(b.Components) == 0 {
		err = errors.New("read baseline: it has no components, so that everything would fit it")
	}
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", printable(name), err), `see what a baseline looks like with "cimwatch inventory baseline save HOST"`)
	}
	return b, nil
}

func checkBaseline(ctx context.Context, env *Env, reader inventoryReader, b *inventory.Baseline, hosts []string) (*deviationList, error) {
	l := &deviationList{Hosts: []hostDeviations{}}
	for _, name := range hosts {
		host, err := findHost(ctx, reader, name)
		if err != nil {
			return nil, err
		}
		components, err := modelsOf(ctx, env, reader, host, time.Time{})
		if err != nil {
			return nil, err
		}
		l.Hosts = append(l.Hosts, hostDeviations{host, append([]inventory.Deviation{}, b.Check(components)...)})
	}
	return l, nil
}

// WriteText writes a line for each deviation.
func (l *deviationList) WriteText(w io.Writer, _ bool) error {
	for n := range l.Hosts {
		for _, d := range l.Hosts[n].Deviations {
			if _, err := fmt.Fprintf(w, "%s: %s\n", printable(l.Hosts[n].Host), printable(d.Text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// failure returns what the exit code says.
func (l *deviationList) failure() error {
	total, hosts := 0, 0
	for n := range l.Hosts {
		if found := len(l.Hosts[n].Deviations); found > 0 {
			total += found
			hosts++
		}
	}
	if total == 0 {
		return nil
	}
	return fmt.Errorf("%s from the baseline on %s", counted(total, "deviation"), counted(hosts, "host"))
}

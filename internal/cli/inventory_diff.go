package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// inventoryDifferences are what inventory diff prints.
type inventoryDifferences struct {
	Differences []inventory.Difference `json:"differences"`
}

// diffOptions say what is compared.
type diffOptions struct {
	source   *inventoryFlags
	from, to momentFlag
	baseline string
	failOn   string
}

func newInventoryDiffCommand(env *Env) *cobra.Command {
	o := &diffOptions{}
	cmd := &cobra.Command{
		Use:   "diff HOST [HOST2]",
		Short: "Show what differs between two times, two hosts, or a host and its baseline",
		Long: `diff compares the components of a host as they were known at --from with those at --to, or now; or two
hosts; or a host with what --baseline says it should have, as "inventory baseline check" does.

Of one host, components are paired by serial number, path, slot and name: one of another serial number
in the same place was replaced, one of the same serial number elsewhere was moved. Of two hosts, they are paired by
kind and slot or name, and what always differs, such as serial numbers, addresses and paths, is left out.
So are readings. A time without parts of a second means the end of that second. The exit code is 0 also where something differs, unless --fail-on says otherwise.`,
		Example: `  cimwatch inventory diff esx1 --from 7d --db cimwatch.db
  cimwatch inventory diff esx1 --from "2026-11-01 00:00" --to "2026-11-15 00:00" --db cimwatch.db
  cimwatch inventory diff esx1 esx2 --address http://127.0.0.1:9720
  cimwatch inventory diff esx1 --baseline r740.json --address http://127.0.0.1:9720`,
		Args: arguments("HOST", "[HOST2]"),
	}
	o.source = addInventoryFlags(cmd)
	addMomentFlag(cmd, &o.from, "from", "compare what was known at this `time`: \"2026-11-20 08:00\", RFC 3339, or how long ago, 2h or 7d")
	addMomentFlag(cmd, &o.to, "to", "with what was known at this `time`; without it, with what is known now")
	cmd.Flags().StringVar(&o.baseline, "baseline", "", "compare with what this `file` says, which \"inventory baseline save\" wrote")
	cmd.Flags().StringVar(&o.failOn, "fail-on", failNever, "exit code 1 for such `differences`: any or never")
	cmd.MarkFlagsMutuallyExclusive("baseline", "from")
	cmd.MarkFlagsMutuallyExclusive("baseline", "to")
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.check(args); err != nil {
			return err
		}
		return o.source.read(env, func(reader inventoryReader) error {
			if o.baseline != "" {
				return o.withBaseline(cmd.Context(), env, reader, output, args[0])
			}
			return o.compare(cmd.Context(), env, reader, output, args)
		})
	}
	return cmd
}

func (o *diffOptions) check(args []string) error {
	if !slices.Contains([]string{failNever, failAny}, o.failOn) {
		return usage(fmt.Errorf("--fail-on %s: choose one of any, never", printable(o.failOn)))
	}
	switch {
	case len(args) == 2 && o.baseline != "":
		return usage(errors.New("--baseline is compared with one host"))
	case len(args) == 2 && strings.EqualFold(args[0], args[1]):
		return withHint(usage(fmt.Errorf("%s is compared with itself", printable(args[0]))), "give another host, or --from TIME instead")
	case !o.from.IsZero() && !o.to.IsZero() && len(args) == 1 && !o.from.Before(o.to.end()):
		return withHint(usage(fmt.Errorf("--from %s is not before --to %s", printable(o.from.text), printable(o.to.text))), "exchange them")
	case len(args) == 1 && o.baseline == "" && o.from.IsZero():
		return withHint(usage(errors.New("nothing to compare the host with")), "give another host, --from TIME, or --baseline FILE")
	default:
		return nil
	}
}

func (o *diffOptions) withBaseline(ctx context.Context, env *Env, reader inventoryReader, output *outputFlag, host string) error {
	baseline, err := readBaseline(env, o.baseline)
	if err != nil {
		return err
	}
	l, err := checkBaseline(ctx, env, reader, baseline, []string{host})
	if err == nil {
		err = env.print(output, l)
	}
	if err == nil && output.format == formatTable && l.failure() == nil {
		note(env.Stderr, "no differences")
	}
	if err != nil || o.failOn == failNever {
		return err
	}
	return l.failure()
}

func (o *diffOptions) compare(ctx context.Context, env *Env, reader inventoryReader, output *outputFlag, args []string) error {
	var sides [2][]inventory.Component
	for n, at := range []momentFlag{o.from, o.to} {
		host, err := findHost(ctx, reader, args[min(n, len(args)-1)])
		if err != nil {
			return err
		}
		if sides[n], err = modelsOf(ctx, env, reader, host, at.end()); err != nil {
			return err
		}
	}
	found := inventory.Diff(sides[0], sides[1], &inventory.DiffOptions{Hosts: len(args) == 2})
	l := inventoryDifferences{append([]inventory.Difference{}, found...)}
	if err := env.print(output, l); err != nil {
		return err
	}
	if o.failOn == failAny && len(found) > 0 {
		return errors.New(counted(len(found), "difference"))
	}
	if len(found) == 0 && output.format == formatTable {
		note(env.Stderr, "no differences")
	}
	return nil
}

// WriteText writes a table, or nothing where nothing differs.
func (l inventoryDifferences) WriteText(w io.Writer, color bool) error {
	if len(l.Differences) == 0 {
		return nil
	}
	rows := make([][]cell, len(l.Differences))
	for n := range l.Differences {
		d := &l.Differences[n]
		shown := web.NewChange(&inventory.Change{Kind: d.Kind, Property: d.Property, Old: d.Old, New: d.New})
		rows[n] = []cell{
			{text: string(d.Component)}, {text: d.Name}, {shown.Kind, changeColor(&shown)}, {text: fitted(w, changed(&shown), changeWidth)},
		}
	}
	return writeTable(w, color, []string{"KIND", "COMPONENT", "CHANGE", "FROM -> TO"}, rows)
}

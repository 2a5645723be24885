package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// addQueryFlags adds the flags that choose components to a query.
func addQueryFlags(cmd *cobra.Command, q *inventory.Query) {
	levels := healthNames()
	addParameters(cmd, q, []parameter{
		{"host", "only on these `hosts`, with commas between; * is any text, ? any character", nil},
		{"kind", "only these `kinds`: disk, fan, memory-module, ...; with commas between", texts(inventory.Kinds())},
		{"health", "only at these `levels` of health: " + strings.Join(levels, ", "), levels},
		{"worse-than", "only where the health is worse than this `level`: ok finds all trouble", levels[:len(levels)-1]},
		{"vendor", "only of vendors that fit this `pattern`; can be repeated, as the next two", nil},
		{"serial", "only with serial numbers that fit this `pattern`", nil},
		{"part", "only with part numbers that fit this `pattern`", nil},
		{"class", "only of these `classes`, with commas between; patterns, too", nil},
		{"text", "only with this `text` in name, model, part, serial number or firmware", nil},
	})
	cmd.Flags().Func("where", "only where the properties meet this `condition`, such as 'Capacity >= 34359738368 and BankLabel like \"DIMM_A%\"'",
		func(text string) (err error) {
			q.Where, err = web.ParseWhere(text)
			return err
		})
}

// addOrderFlags adds the flags that say in which order components come, and how many.
func addOrderFlags(cmd *cobra.Command, q *inventory.Query) {
	keys := inventory.SortKeys()
	addParameters(cmd, q, []parameter{
		{"sort", "sort by these `keys`, with commas between, one with - before it the other way round: " + strings.Join(keys, ", "), keys},
		{"limit", "the first `number` of them at most", nil},
		{"after", "go on behind this `place`, which a list that was limited ends with", nil},
	})
}

// A parameter of a query, and its flag.
type parameter struct {
	name, usage string
	values      []string // for completion; nil: any
}

func addParameters(cmd *cobra.Command, q *inventory.Query, parameters []parameter) {
	for _, p := range parameters {
		cmd.Flags().Func(p.name, p.usage, func(value string) error { return q.Set(p.name, value) })
		if p.values != nil {
			completeList(cmd, p.name, p.values)
		}
	}
}

// completeList lets shells complete the last value of a list.
func completeList(cmd *cobra.Command, flag string, values []string) {
	// It fails for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var fitting []cobra.Completion
		for _, value := range values {
			value = strings.ReplaceAll(value, " ", "-") // kinds, which are taken like that, too
			if strings.HasPrefix(value, strings.ToLower(typed[len(before):])) {
				fitting = append(fitting, before+value)
			}
		}
		return fitting, cobra.ShellCompDirectiveNoFileComp
	})
}

// completeHosts lets shells complete hosts of the inventory that the flags name: the last one
// of --host, and the first argument where that is a host.
func completeHosts(cmd *cobra.Command, env *Env, from *inventoryFlags, argument bool) {
	complete := func(cmd *cobra.Command, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
		defer cancel()
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var fitting []cobra.Completion
		silent := *env
		silent.Stderr, silent.ReadPassword, silent.Stdin = io.Discard, nil, strings.NewReader("")
		_ = from.read(&silent, func(reader inventoryReader) error { // there is nobody to tell
			hosts, err := reader.Hosts(ctx)
			for i := range hosts {
				if inventory.Pattern(typed[len(before):] + "*").Match(hosts[i].Name) {
					fitting = append(fitting, before+hosts[i].Name)
				}
			}
			return err
		})
		return fitting, cobra.ShellCompDirectiveNoFileComp
	}
	if argument {
		cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return complete(cmd, typed)
		}
		return
	}
	// It fails for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc("host", func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return complete(cmd, typed)
	})
}

func healthNames() []string {
	var names []string
	for h := inventory.Unknown; h <= inventory.Critical; h++ {
		names = append(names, h.String())
	}
	return names
}

func texts[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// checkComponentQuery returns an error of wrong usage for a query that cannot be answered, and one
// for a host that is named, or a kind, of which there is none.
func checkComponentQuery(ctx context.Context, reader inventoryReader, q *inventory.Query) error {
	if err := q.Check(); err != nil {
		return usage(err)
	}
	for _, kind := range q.Kinds {
		if err := checkKind(ctx, reader, kind); err != nil {
			return err
		}
	}
	name, err := web.UnknownHost(ctx, reader, q)
	if err == nil && name != "" {
		err = noHost(name)
	}
	return err
}

// checkKind returns an error for a kind that is none of those that are always known, unless
// there is a component of it: configurations declare kinds of their own.
func checkKind(ctx context.Context, reader inventoryReader, kind inventory.Kind) error {
	if slices.Contains(inventory.Kinds(), kind) {
		return nil
	}
	for _, err := range reader.Find(ctx, inventory.Query{Kinds: []inventory.Kind{kind}, Limit: 1}) {
		return err // or there is one
	}
	kinds := texts(inventory.Kinds())
	hosts, err := reader.Hosts(ctx)
	for n := range hosts {
		kinds = slices.AppendSeq(kinds, maps.Keys(hosts[n].Components))
	}
	slices.Sort(kinds)
	return errors.Join(err, usage(fmt.Errorf("--kind: no component is a %s: choose from %s",
		printable(string(kind)), strings.Join(slices.Compact(kinds), ", "))))
}

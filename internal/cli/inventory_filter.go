package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// changeFilter says which changes are shown.
type changeFilter struct {
	since, until momentFlag
	kinds        []string // of components
	changes      []string // kinds of changes
}

func addChangeFilter(cmd *cobra.Command) *changeFilter {
	f := &changeFilter{}
	addMomentFlag(cmd, &f.since, "since", "only what happened at this `time` or later: \"2026-11-20 08:00\", RFC 3339, or how long ago, 2h or 7d")
	addMomentFlag(cmd, &f.until, "until", "only what happened before this `time`")
	cmd.Flags().StringSliceVar(&f.kinds, "kind", nil, "only components of these `kinds`, such as disk,\"memory module\"")
	cmd.Flags().StringSliceVar(&f.changes, "change", nil, "only these `kinds` of changes, such as replaced,disappeared")
	return f
}

// check returns an error for what no change can be.
func (f *changeFilter) check() error {
	all := inventory.ChangeKinds()
	for _, name := range f.changes {
		if !slices.ContainsFunc(all, func(k inventory.ChangeKind) bool { return k.String() == strings.ToLower(name) }) {
			return usage(fmt.Errorf("--change %q: choose of %s", printable(name), joinKinds(all)))
		}
	}
	return nil
}

func joinKinds(kinds []inventory.ChangeKind) string {
	names := make([]string, len(kinds))
	for n, k := range kinds {
		names[n] = k.String()
	}
	return strings.Join(names, ", ")
}

func (f *changeFilter) takes(c *web.Change) bool {
	switch {
	case !f.since.IsZero() && c.Time.Before(f.since.Time), !f.until.IsZero() && !c.Time.Before(f.until.Time):
		return false
	case len(f.kinds) > 0 && !hasFold(f.kinds, c.Component):
		return false
	default:
		return len(f.changes) == 0 || hasFold(f.changes, c.Kind)
	}
}

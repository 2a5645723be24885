package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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
	wanted := f.filter()
	if err := wanted.Check(); err != nil {
		return usage(fmt.Errorf("--change: %w", err))
	}
	if !f.since.IsZero() && !f.until.IsZero() && !f.since.Before(f.until.Time) {
		return withHint(usage(fmt.Errorf("--since %s is not before --until %s", printable(f.since.text), printable(f.until.text))), "exchange them")
	}
	return nil
}

func (f *changeFilter) filter() web.ChangeFilter {
	kinds := make([]string, len(f.kinds))
	for n, kind := range f.kinds {
		kinds[n] = strings.ReplaceAll(kind, "-", " ") // as list takes them
	}
	return web.ChangeFilter{Since: f.since.Time, Until: f.until.Time, Kinds: kinds, Changes: f.changes}
}

package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// parseMoment reads a time as people give it: in RFC 3339, a date with or without a time of
// day on this machine's clock, or how long ago.
func parseMoment(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	for _, layout := range []string{
		time.DateTime, "2006-01-02 15:04", time.DateOnly, "2006-01-02T15:04:05", "2006-01-02T15:04",
	} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	if text == "now" {
		return now, nil
	}
	if ago, ok := parseAgo(text); ok {
		return now.Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("expected a time such as %q or 2006-01-02T15:04:05Z, or how long ago, such as 90m, 2h or 7d", time.DateTime)
}

// longestAgo keeps days within what a duration holds.
const longestAgo = 36500

// parseAgo reads "90m", "2h ago" and "7d".
func parseAgo(text string) (time.Duration, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(text, "ago"))
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		return time.Duration(n) * 24 * time.Hour, err == nil && n <= longestAgo
	}
	ago, err := time.ParseDuration(text)
	return ago, err == nil && ago >= 0
}

// momentFlag is the value of a flag that takes a time; zero while it is not given.
type momentFlag struct {
	time.Time
	text string
}

// end returns the time with all of its second, where no part of one was given: tables show times
// so, and what they show for a second was known at its end.
func (f *momentFlag) end() time.Time {
	if f.IsZero() || f.Nanosecond() != 0 {
		return f.Time
	}
	return f.Add(time.Second - 1)
}

func addMomentFlag(cmd *cobra.Command, f *momentFlag, name, meaning string) {
	cmd.Flags().Var(f, name, meaning)
}

// String, Set and Type make a momentFlag a pflag.Value.
func (f *momentFlag) String() string { return f.text }

// Set reads a time.
func (f *momentFlag) Set(text string) (err error) {
	f.text = text
	f.Time, err = parseMoment(text, time.Now())
	return err
}

// Type names the kind of value in help texts.
func (f *momentFlag) Type() string { return "time" }

package cli

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/internal/check"
)

// pluginAnnotation marks a command that is a monitoring plugin: what it says stands on standard
// output, and its exit codes are those of plugins.
const pluginAnnotation = "plugin"

// pluginState is the error of a plugin that has said what is the matter.
type pluginState struct{ state check.State }

func (e pluginState) Error() string { return e.state.String() }

// stateError returns the state as an error, nil where it is OK.
func stateError(s check.State) error {
	if s == check.OK {
		return nil
	}
	return pluginState{s}
}

// pluginExit returns the exit code of a plugin that failed with err, and tells what it has not
// told yet; ok is false for other commands. A monitoring system would take the exit code of
// wrong usage for CRITICAL.
func pluginExit(cmd *cobra.Command, err error) (code int, ok bool) {
	if cmd.Annotations[pluginAnnotation] == "" {
		return 0, false
	}
	if told, ok := errors.AsType[pluginState](err); ok {
		return told.state.Code(), true
	}
	text := check.Unknown.String() + " - " + pluginLine(err.Error()) + "\n"
	d := diagnose(err)
	if d.code == ExitUsage && d.hint == "" {
		d.hint = helpHint(cmd)
	}
	if d.hint != "" {
		text += "hint: " + pluginLine(d.hint) + "\n"
	}
	_, _ = io.WriteString(cmd.OutOrStdout(), text) // nowhere left to say so
	return check.Unknown.Code(), true
}

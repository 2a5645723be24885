package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes of every command but check, which has those of a monitoring plugin.
const (
	ExitDone        = 0 // done
	ExitFailed      = 1 // failed for a reason that has no code of its own
	ExitUsage       = 2 // wrong usage: nothing was tried
	ExitRefused     = 3 // the CIM server was reached and refused
	ExitUnreachable = 4 // the CIM server could not be reached, or not be trusted
)

// Run executes the command that args name, without the program's own name, and returns the
// exit code. When ctx ends, commands that run until they are stopped end in order and
// successfully; the others fail.
func Run(ctx context.Context, args []string, env Env) int {
	return execute(ctx, NewRootCommand(&env), args, env.Stderr)
}

// execute runs the command of the tree below root that args name, reports its error and
// returns the exit code.
func execute(ctx context.Context, root *cobra.Command, args []string, stderr io.Writer) int {
	markRuns(root)
	// A nil slice would make cobra read os.Args.
	root.SetArgs(slices.Concat([]string{}, args))

	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitDone
	}
	_, running := errors.AsType[*runError](err)
	switch {
	case !running:
		err = usage(flagError(err))
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	}
	if code, ok := pluginExit(cmd, err); ok {
		return code
	}
	if errors.Is(err, syscall.EPIPE) {
		return ExitFailed // whoever read the output has gone, and wants no more
	}
	d := diagnose(err)
	if d.code == ExitUsage && d.hint == "" {
		d.hint = helpHint(cmd)
	}
	note(stderr, "error: "+err.Error())
	for _, detail := range details(err) {
		note(stderr, "detail: "+detail)
	}
	if d.hint != "" {
		note(stderr, "hint: "+d.hint)
	}
	return d.code
}

// runError marks what a command's RunE returned: every other error comes from cobra, which
// found the arguments or the flags wrong before it ran anything.
type runError struct{ err error }

func (e *runError) Error() string { return e.err.Error() }
func (e *runError) Unwrap() error { return e.err }

// markRuns wraps the RunE of a command and of all below it, so that their errors are runErrors.
func markRuns(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := run(cmd, args); err != nil {
				return &runError{err}
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		markRuns(child)
	}
}

// flagError says what is wrong with the value of a flag without the words of the function
// that parsed it.
func flagError(err error) error {
	if value := valueError(err); value != nil {
		err = value
	}
	text := err.Error()
	if group := groupError(text); group != nil {
		return group
	}
	before, rest, found := strings.Cut(text, ": strconv.Parse")
	_, reason, parsed := strings.Cut(rest, `": `)
	if !found || !parsed {
		return err
	}
	switch reason {
	case strconv.ErrSyntax.Error():
		reason = "it is not such a number"
	case strconv.ErrRange.Error():
		reason = "the number is too large"
	}
	return errors.New(before + ": " + reason)
}

// groupError says in fewer words than cobra, which has no type for it, that flags do not go
// together, or not alone; nil for any other text.
func groupError(text string) error {
	rest, found := strings.CutPrefix(text, "if any flags in the group [")
	group, rest, _ := strings.Cut(rest, "] are set ")
	if !found {
		return nil
	}
	order := strings.Fields(group) // that of the help; the list's is that of the alphabet
	_, list, _ := strings.Cut(rest, "[")
	list, _, exclusive := strings.Cut(list, "] were all set")
	given := strings.Fields(strings.TrimSuffix(list, "]"))
	if !exclusive {
		return fmt.Errorf("%s are given together: %s is missing", flagNames(order), flagNames(given))
	}
	slices.SortFunc(given, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return fmt.Errorf("%s cannot be used together", flagNames(given))
}

// flagNames writes "--a, --b and --c".
func flagNames(names []string) string {
	flags := make([]string, len(names))
	for n, name := range names {
		flags[n] = "--" + name
	}
	if last := len(flags) - 1; last > 0 {
		return strings.Join(flags[:last], ", ") + " and " + flags[last]
	}
	return strings.Join(flags, "")
}

func helpHint(cmd *cobra.Command) string {
	return fmt.Sprintf("see %q", cmd.CommandPath()+" --help")
}

package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// completionTimeout is how long a shell that asks for completions is kept waiting.
const completionTimeout = 2 * time.Second

// completer returns what can stand for an argument, given those before it.
type completer func(ctx context.Context, s *session, before []string) []string

// complete lets shells complete the URL of cmd by the named connections, and what comes after
// it and --namespace by asking the server. Nobody is asked for a password.
func (f *connectionFlags) complete(cmd *cobra.Command, env *Env, after ...completer) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return connectionNames(env, typed), cobra.ShellCompDirectiveNoFileComp
		}
		if len(args) > len(after) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return f.ask(cmd, env, args, typed, after[len(args)-1])
	}
	if cmd.Flags().Lookup("namespace") == nil {
		return
	}
	// It fails for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc("namespace",
		func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return f.ask(cmd, env, args, typed, completeNamespaces)
		})
}

// ask returns the answers of a completer that begin with what was typed, in any case.
func (f *connectionFlags) ask(cmd *cobra.Command, env *Env, args []string, typed string, answer completer,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
	defer cancel()
	silent := *env
	silent.ReadPassword = nil
	f.trace, f.stats = "", false
	s, err := f.client(ctx, &silent, args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer s.Close()
	var fitting []cobra.Completion
	for _, text := range answer(ctx, s, args) {
		if len(text) >= len(typed) && strings.EqualFold(text[:len(typed)], typed) {
			fitting = append(fitting, text)
		}
	}
	slices.Sort(fitting)
	return fitting, cobra.ShellCompDirectiveNoFileComp
}

func connectionNames(env *Env, typed string) []cobra.Completion {
	file, err := readConnections(env)
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, name := range slices.Sorted(maps.Keys(file.Connections)) {
		if strings.HasPrefix("@"+name, typed) {
			names = append(names, "@"+name)
		}
	}
	return names
}

// completeClasses asks for the names of all classes.
func completeClasses(ctx context.Context, s *session, _ []string) []string {
	names, err := s.EnumerateClassNames(ctx, "", "", true)
	if err != nil {
		return nil
	}
	return names
}

// completeNamespaces asks for the names of all namespaces.
func completeNamespaces(ctx context.Context, s *session, _ []string) []string {
	names, err := s.Namespaces(ctx)
	if err != nil {
		return nil
	}
	return names
}

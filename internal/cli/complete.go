package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cimwatch/cimwatch/cim"
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
	f.completeFlag(cmd, env, "namespace", 1, completeNamespaces)
	f.completeFlag(cmd, env, "key", 2, completeKeys)
	f.completeFlag(cmd, env, "property", 2, completeProperties)
}

// completeFlag lets shells complete the value of a flag, where cmd has it and as many arguments
// stand there as its answer depends on.
func (f *connectionFlags) completeFlag(cmd *cobra.Command, env *Env, flag string, needed int, answer completer) {
	if cmd.Flags().Lookup(flag) == nil {
		return
	}
	// It fails for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc(flag,
		func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) < needed {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			before := typed[:strings.LastIndexByte(typed, ',')+1] // of a list, what stands there
			fitting, directive := f.ask(cmd, env, args, typed[len(before):], answer)
			for i := range fitting {
				fitting[i] = before + fitting[i]
			}
			if len(fitting) > 0 && strings.HasSuffix(fitting[0], "=") {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
			return fitting, directive
		})
}

// completeNothing keeps shells from offering the names of files for the values of flags that
// are not files.
func completeNothing(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		name, _ := pflag.UnquoteUsage(flag)
		if _, known := cmd.GetFlagCompletionFunc(flag.Name); known || name == "" || isFileName(name) {
			return
		}
		// It fails for a flag that does not exist only.
		_ = cmd.RegisterFlagCompletionFunc(flag.Name, cobra.NoFileCompletions)
	})
	for _, child := range cmd.Commands() {
		completeNothing(child)
	}
}

// isFileName reports whether the value that a help text calls by a name is that of a file.
func isFileName(name string) bool {
	switch name {
	case "file", "path", "folder", "model":
		return true
	default:
		return false
	}
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

// completeKeys asks for the keys of the class that stands before, as --key takes them.
func completeKeys(ctx context.Context, s *session, before []string) []string {
	class := completedClass(ctx, s, before)
	if class == nil {
		return nil
	}
	names := class.KeyNames()
	for i := range names {
		names[i] += "="
	}
	return names
}

// completeProperties asks for the properties of the class that stands before.
func completeProperties(ctx context.Context, s *session, before []string) []string {
	class := completedClass(ctx, s, before)
	if class == nil {
		return nil
	}
	names := make([]string, len(class.Properties))
	for i := range class.Properties {
		names[i] = class.Properties[i].Name
	}
	return names
}

// completedClass asks for the class that stands before, by itself or in an object path; nil
// where there is none.
func completedClass(ctx context.Context, s *session, before []string) *cim.Class {
	path, err := cim.ParseObjectPath(before[1])
	if err != nil {
		return nil
	}
	class, err := s.GetClass(ctx, path.In(s.namespace).Namespace, path.Class, &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil {
		return nil
	}
	return class
}

package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// NewRootCommand returns a new tree of all commands, which read and write through env.
func NewRootCommand(env *Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "cimwatch",
		Short: "Tell what the hardware of every server is doing, the moment it changes",
		Long: `cimwatch subscribes to the indications of CIM servers (VMware ESXi, OpenPegasus, SMI-S arrays,
vendor agents), receives them, loses none, and keeps an inventory that they drive.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the CIM server refused, 4 it could not be reached;
check has those of a monitoring plugin.`,
		Version:       readBuild().String(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)

	root.AddCommand(
		newCheckCommand(env),
		newDemoCommand(env),
		newInventoryCommand(env),
		newServeCommand(env),
		newServerCommand(env),
		newClassCommand(env),
		newConnectionCommand(env),
		newInstanceCommand(env),
		newMethodCommand(env),
		newMOFCommand(env),
		newNamespaceCommand(env),
		newQualifierCommand(env),
		newQueryCommand(env),
		newListenCommand(env),
		newSimulateCommand(env),
		newStoreCommand(env),
		newSubscribeCommand(env),
		newSubscriptionsCommand(env),
		newUnsubscribeCommand(env),
		newVersionCommand(env),
	)
	root.SetHelpCommand(newHelpCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	completeGroups(root)
	completeNothing(root)
	return root
}

// newHelpCommand replaces cobra's, which answers a command that does not exist with success.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND...]",
		Short: "Show what a command does and takes",
		RunE: func(help *cobra.Command, args []string) error {
			cmd, rest, err := help.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(cmd, rest[0])
			}
			cmd.InitDefaultHelpFlag()
			cmd.InitDefaultVersionFlag()
			return cmd.Help()
		},
	}
}

// completeGroups gives every command that only holds others the same behavior: help when
// it is called by itself, an error for a name that it does not hold.
func completeGroups(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		}
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		cmd.SuggestionsMinimumDistance = 2 // letters that may differ
	}
	for _, child := range cmd.Commands() {
		completeGroups(child)
	}
}

func unknownCommand(cmd *cobra.Command, name string) error {
	err := usage(fmt.Errorf("unknown command %q for %q", name, cmd.CommandPath()))
	if similar := cmd.SuggestionsFor(name); len(similar) > 0 {
		return withHint(err, fmt.Sprintf("did you mean %q?", cmd.CommandPath()+" "+similar[0]))
	}
	return withHint(err, helpHint(cmd))
}

// arguments returns a check of a command's arguments against their names as the usage line
// shows them; names in brackets are optional and come last.
func arguments(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > len(names) {
			return fmt.Errorf("unexpected argument %q", args[len(names)])
		}
		if len(args) < len(names) && !strings.HasPrefix(names[len(args)], "[") {
			return fmt.Errorf("missing argument %s", names[len(args)])
		}
		return nil
	}
}

package cli

import "github.com/spf13/cobra"

func newMOFCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mof",
		Short: "Check, print, format, compare and use MOF files",
		Long: `MOF is the language that CIM classes, qualifiers and instances are written in (DSP0004). These commands
need no server, but for apply, which brings what files declare to one.`,
	}
	cmd.AddCommand(
		newMOFApplyCommand(env),
		newMOFCheckCommand(env),
		newMOFFmtCommand(env),
		newMOFPrintCommand(env),
		newMOFDiffCommand(env),
		newMOFGenCommand(env),
		newMOFSQLCommand(env),
	)
	return cmd
}

// mofFiles checks the arguments of commands that take any number of files after some others.
func mofFiles(before ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		needed := append(append([]string{}, before...), "FILE")
		return arguments(needed...)(cmd, args[:min(len(args), len(needed))])
	}
}

// completeMOF lets shells complete files, of which MOF and zip files, and folders, come first.
func completeMOF(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	_ = cmd
	return []cobra.Completion{"mof", "zip"}, cobra.ShellCompDirectiveFilterFileExt
}

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cimwatch/cimwatch/internal/cli"
)

const referenceHead = `# Command line

Written from the commands by ` + "`make docs`" + `.
`

// TestReference keeps docs/cli.md what the commands say of themselves.
func TestReference(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "cli.md")
	var b strings.Builder
	b.WriteString(referenceHead)
	writeReference(&b, cli.NewRootCommand(&cli.Env{}))
	want := b.String()

	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/cli.md is out of date, run make docs (-commands +file):\n%s", diff)
	}
}

// TestCommandsDescribed holds the commands to what the reference needs.
func TestCommandsDescribed(t *testing.T) {
	for cmd := range walk(cli.NewRootCommand(&cli.Env{})) {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: Short is %q, want a phrase without a full stop", cmd.CommandPath(), cmd.Short)
		}
		if cmd.Runnable() && cmd.RunE == nil {
			t.Errorf("%s: has no RunE", cmd.CommandPath())
		}
		cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if flag.Usage == "" {
				t.Errorf("%s: --%s has no description", cmd.CommandPath(), flag.Name)
			}
		})
	}
}

// walk yields a command and all visible ones below it, parents first. The shells of
// completion are left to its help: they are cobra's.
func walk(cmd *cobra.Command) func(yield func(*cobra.Command) bool) {
	return func(yield func(*cobra.Command) bool) { walkInto(cmd, yield) }
}

func walkInto(cmd *cobra.Command, yield func(*cobra.Command) bool) bool {
	if cmd.Hidden || !yield(cmd) {
		return cmd.Hidden
	}
	if cmd.Name() == "completion" {
		return true
	}
	for _, child := range cmd.Commands() {
		if !walkInto(child, yield) {
			return false
		}
	}
	return true
}

func writeReference(b *strings.Builder, root *cobra.Command) {
	for cmd := range walk(root) {
		fmt.Fprintf(b, "\n## %s\n\n%s.\n\n```\n%s\n```\n", cmd.CommandPath(), cmd.Short, synopsis(cmd))
		if cmd.Long != "" && cmd.Long != cmd.Short {
			fmt.Fprintf(b, "\n%s\n", strings.TrimSpace(cmd.Long))
		}
		writeFlags(b, cmd)
		if cmd.Example != "" {
			fmt.Fprintf(b, "\n```sh\n%s\n```\n", unindent(cmd.Example))
		}
		writeChildren(b, cmd)
	}
}

// synopsis is the usage line; a group is used with one of its commands.
func synopsis(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return cmd.CommandPath() + " COMMAND"
	}
	return cmd.UseLine()
}

func writeFlags(b *strings.Builder, cmd *cobra.Command) {
	flags := cmd.LocalFlags()
	if !flags.HasAvailableFlags() {
		return
	}
	b.WriteString("\n| flag | meaning | default |\n|---|---|---|\n")
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(flag)
		name := strings.TrimSpace("--" + flag.Name + " " + value)
		if flag.Shorthand != "" {
			name = "-" + flag.Shorthand + ", " + name
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`), defaultOf(flag))
	})
}

func defaultOf(flag *pflag.Flag) string {
	switch flag.DefValue {
	case "", "false", "[]":
		return ""
	default:
		return "`" + flag.DefValue + "`"
	}
}

func writeChildren(b *strings.Builder, cmd *cobra.Command) {
	var lines []string
	for _, child := range cmd.Commands() {
		if child.IsAvailableCommand() {
			lines = append(lines, fmt.Sprintf("| `%s` | %s |\n", child.Name(), child.Short))
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n| command | what it does |\n|---|---|\n%s", strings.Join(lines, ""))
	}
}

// unindent removes the two spaces that cobra wants before each line of an example.
func unindent(example string) string {
	return strings.ReplaceAll(strings.TrimPrefix(example, "  "), "\n  ", "\n")
}

package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// build is what a binary knows of its own making. What was built outside of a released
// module or a repository knows little; those fields are empty then.
type build struct {
	Version  string `json:"version"`  // module version, "devel" where there is none
	Commit   string `json:"commit"`   // hash
	Time     string `json:"time"`     // of the commit, RFC 3339
	Modified bool   `json:"modified"` // built from files that differ from the commit
	Go       string `json:"go"`
	Platform string `json:"platform"` // GOOS/GOARCH
}

func readBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return newBuild(info)
}

func newBuild(info *debug.BuildInfo) build {
	b := build{
		Version:  info.Main.Version,
		Go:       runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "devel"
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.time":
			b.Time = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}

// String returns all of it in one line.
func (b build) String() string {
	var source []string
	if b.Commit != "" {
		source = append(source, "commit "+b.Commit[:min(len(b.Commit), 12)])
	}
	if b.Time != "" {
		source = append(source, b.Time)
	}
	if b.Modified {
		source = append(source, "modified")
	}
	line := "cimwatch " + b.Version
	if len(source) > 0 {
		line += " (" + strings.Join(source, ", ") + ")"
	}
	return line + " " + b.Go + " " + b.Platform
}

// WriteText writes the line that String returns.
func (b build) WriteText(w io.Writer, _ bool) error {
	_, err := fmt.Fprintln(w, b)
	return err
}

func newVersionCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the platform",
		Example: `  cimwatch version
  cimwatch version -o json`,
		Args: arguments(),
	}
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(*cobra.Command, []string) error {
		return env.print(output, readBuild())
	}
	return cmd
}

package cli

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/store"
)

// checkedStore is what a check found.
type checkedStore struct {
	File     string         `json:"file"`
	Format   int            `json:"format,omitempty"`
	Bytes    int64          `json:"bytes"`
	Complete bool           `json:"complete"`
	Records  storeRecords   `json:"records"`
	Findings []storeFinding `json:"findings"`
	More     int            `json:"more,omitempty"`
	Torn     bool           `json:"torn,omitempty"` // the last write to the intake is not whole
}

// storeRecords counts what a file holds.
type storeRecords struct {
	Entries    int `json:"entries"`
	Intake     int `json:"intake"`
	Gaps       int `json:"gaps"`
	Hosts      int `json:"hosts"`
	Components int `json:"components"`
	Changes    int `json:"changes"`
}

type storeFinding struct {
	Part    string `json:"part"`
	Problem string `json:"problem"`
}

func newStoreCheckCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read a whole file and list what is wrong with it",
		Long: `check reads every page and every record of a store's FILE and of what a crash left beside it, and prints a
line for each thing that is wrong: then the exit code is 1. It changes nothing. Of a file whose pages are damaged
the records are not checked.`,
		Example: `  cimwatch store check --db cimwatch.db
  cimwatch store check --db backup.db -o json`,
		Args: arguments(),
	}
	from := addStoreFlags(cmd)
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		file, err := from.file(env)
		if err != nil {
			return err
		}
		shown := env.newProgress("records", true)
		report, err := store.Inspect(cmd.Context(), file, shown.add)
		shown.end()
		if err != nil {
			return storeHint(err, file, "stop the daemon that has it open, or check a backup that the daemon makes: "+
				`"cimwatch store backup --address URL FILE"`)
		}
		if err := env.print(output, newCheckedStore(file, report)); err != nil {
			return err
		}
		if n := len(report.Findings) + report.More; n > 0 {
			return withHint(fmt.Errorf("%s is damaged: %s", file, counted(n, "finding")), findingsHint(file, report))
		}
		return nil
	}
	return cmd
}

// findingsHint says what is left to do about what a check found.
func findingsHint(file string, r *store.Report) string {
	for _, f := range r.Findings {
		if f.Part != store.PartIntake {
			return salvageHint(file)
		}
	}
	return fmt.Sprintf("the file itself is in order; move %s away to go on without what it held", shellWord(file+".intake"))
}

// salvageHint says what is left to do with a damaged file.
func salvageHint(file string) string {
	return fmt.Sprintf(`restore a backup with "cimwatch store restore BACKUP --db %[1]s --force", or keep what can be read with `+
		`"cimwatch store restore %[1]s --salvage --db NEW"`, shellWord(file))
}

func newCheckedStore(file string, r *store.Report) checkedStore {
	c := checkedStore{
		File: file, Format: r.Format, Bytes: r.Bytes, Complete: r.Complete, More: r.More, Torn: r.Torn,
		Records: recordsOf(r), Findings: []storeFinding{},
	}
	for _, f := range r.Findings {
		c.Findings = append(c.Findings, storeFinding(f))
	}
	return c
}

func recordsOf(r *store.Report) storeRecords {
	return storeRecords{
		Entries: r.Entries, Intake: r.Intake, Gaps: r.Gaps,
		Hosts: r.Hosts, Components: r.Components, Changes: r.Changes,
	}
}

// WriteText writes a line for each finding, and what was read.
func (c checkedStore) WriteText(w io.Writer, color bool) error {
	for _, f := range c.Findings {
		line := paint(color, text.FgRed, f.Part) + ": " + oneLine(f.Problem)
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	if c.More > 0 {
		if _, err := fmt.Fprintf(w, "and %d more\n", c.More); err != nil {
			return err
		}
	}
	if !c.Complete {
		_, err := fmt.Fprintln(w, "the records were not checked, for pages that hold them are damaged")
		return err
	}
	if c.Torn {
		_, err := fmt.Fprintln(w, "note: the last write to the intake is not whole: a crash cut it, and its sender was not answered, or it was damaged since")
		if err != nil {
			return err
		}
	}
	state := "in order"
	if len(c.Findings) > 0 {
		state = paint(color, text.FgRed, "damaged")
	}
	_, err := fmt.Fprintf(w, "%s: %s; format %d, %d bytes: %s\n", oneLine(c.File), state, c.Format, c.Bytes, c.Records)
	return err
}

// String lists what there is.
func (r storeRecords) String() string {
	s := fmt.Sprintf("%s, %s, %s, %s, %s", counted(r.Entries, "indication"), counted(r.Hosts, "host"),
		counted(r.Components, "component"), counted(r.Changes, "change"), counted(r.Gaps, "gap"))
	if r.Intake > 0 {
		s += fmt.Sprintf("; %s in the intake alone", counted(r.Intake, "indication"))
	}
	return s
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func newServerTestCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test URL",
		Short: "Check what a CIM server can do",
		Long: `Call one operation after another and say of each whether it works: pass, fail, absent where the
server leaves out what it may leave out, and skipped where an earlier check found nothing to go on
with. Nothing on the server is changed. The exit code is 1 when a check failed.`,
		Example: `  cimwatch server test https://esx1 -u root
  cimwatch server test http://array:5988 -n root/array --class CIM_StoragePool -o json`,
		Args: arguments("URL"),
	}
	connection := addConnectionFlags(cmd)
	class := cmd.Flags().String("class", "CIM_ComputerSystem", "`class` whose instances are read")
	output := addOutputFlag(cmd, formatTable, formatJSON)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkClass(*class); err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		report, err := testServer(cmd.Context(), &serverUnderTest{session: s, class: *class})
		if err != nil {
			return err
		}
		if err := env.print(output, report); err != nil || report.Failed == 0 {
			return err
		}
		return fmt.Errorf("%d of %d checks failed", report.Failed, len(report.Checks))
	}
	return cmd
}

// serverReport is what server test prints.
type serverReport struct {
	URL    string        `json:"url"`
	Failed int           `json:"failed"`
	Checks []checkResult `json:"checks"`
}

type checkResult struct {
	Check   string  `json:"check"`
	Result  string  `json:"result"` // pass, fail, absent or skipped
	Seconds float64 `json:"seconds"`
	Detail  string  `json:"detail"`
}

// testServer runs all checks. It gives up where no other check would go better.
func testServer(ctx context.Context, c *serverUnderTest) (serverReport, error) {
	report := serverReport{URL: c.URL()}
	for _, check := range serverChecks() {
		begin := time.Now()
		found, err := check.run(ctx, c)
		if err != nil && hopeless(ctx, err) {
			return report, err
		}
		r := checkResult{Check: check.name, Result: "pass", Seconds: time.Since(begin).Seconds(), Detail: found}
		switch {
		case errors.Is(err, errNothingThere):
			r.Result = "skipped"
		case errors.Is(err, cim.StatusNotSupported):
			r.Result = "absent"
		case err != nil:
			r.Result = "fail"
			report.Failed++
		}
		if err != nil {
			r.Detail = err.Error()
		}
		report.Checks = append(report.Checks, r)
	}
	return report, nil
}

// hopeless reports whether an error will come again with every request.
func hopeless(ctx context.Context, err error) bool {
	if reply, ok := errors.AsType[*cimxml.HTTPError](err); ok && reply.StatusCode == http.StatusUnauthorized {
		return true
	}
	return ctx.Err() != nil || diagnose(err).code == ExitUnreachable
}

// WriteText writes a table.
func (r serverReport) WriteText(w io.Writer, color bool) error {
	colors := map[string]text.Color{"pass": text.FgGreen, "fail": text.FgRed, "absent": text.FgYellow}
	rows := make([][]cell, len(r.Checks))
	for i, c := range r.Checks {
		took := time.Duration(c.Seconds * float64(time.Second))
		rows[i] = []cell{{text: c.Check}, {text: c.Result, color: colors[c.Result]}, {text: shortTime(took)}, {text: oneLine(c.Detail)}}
	}
	return writeTable(w, color, []string{"CHECK", "RESULT", "TIME", "FOUND"}, rows)
}

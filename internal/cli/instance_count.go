package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
)

func newInstanceCountCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "count URL CLASS",
		Short: "Count the instances of a class",
		Long: `Count the instances of CLASS and the classes below it. A table and JSON have a number for each
class that has instances of its own.`,
		Example: `  cimwatch instance count https://esx1 CIM_LogicalDevice -u root -o table`,
		Args:    arguments("URL", "CLASS"),
	}
	connection := addConnectionFlags(cmd)
	output := addOutputFlag(cmd, formatText, formatTable, formatJSON)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkClass(args[1]); err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		counted := make(map[string]int)
		arrived := env.newProgress("names", true)
		defer arrived.end()
		for path, err := range s.IterateInstancePaths(cmd.Context(), "", args[1], nil) {
			if err != nil {
				return withClassHint(err)
			}
			counted[path.Class]++
			arrived.add()
		}
		arrived.end()
		return env.print(output, newInstanceCount(args[1], counted, output.format == formatTable))
	}
	return cmd
}

// instanceCount is what instance count prints.
type instanceCount struct {
	Class   string       `json:"class"`
	Count   int          `json:"count"`
	Classes []classCount `json:"classes"` // that have instances of their own, by name

	table bool
}

type classCount struct {
	Class string `json:"class"`
	Count int    `json:"count"`
}

func newInstanceCount(class string, counted map[string]int, table bool) instanceCount {
	c := instanceCount{Class: class, Classes: []classCount{}, table: table}
	for _, name := range slices.Sorted(maps.Keys(counted)) {
		c.Count += counted[name]
		c.Classes = append(c.Classes, classCount{name, counted[name]})
	}
	return c
}

// WriteText writes the number, or a table of the classes.
func (c instanceCount) WriteText(w io.Writer, color bool) error {
	if !c.table {
		_, err := fmt.Fprintln(w, c.Count)
		return err
	}
	rows := make([][]cell, len(c.Classes))
	for i, class := range c.Classes {
		rows[i] = []cell{{text: class.Class}, {text: strconv.Itoa(class.Count)}}
	}
	return writeTable(w, color, []string{"CLASS", "INSTANCES"}, rows)
}

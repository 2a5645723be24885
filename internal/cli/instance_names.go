package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newInstanceNamesCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "names URL CLASS",
		Short: "List the object paths of the instances of a class",
		Long: `List the object paths of the instances of CLASS and the classes below it, one a line, as they
arrive. The other commands take them.`,
		Example: `  cimwatch instance names https://esx1 CIM_Fan -u root`,
		Args:    arguments("URL", "CLASS"),
	}
	connection := addConnectionFlags(cmd)
	output := addOutputFlag(cmd, formatText, formatJSON)
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
		paths := hinted(s.IterateInstancePaths(cmd.Context(), "", args[1], nil), withClassHint)
		return env.printPaths(output, s.namespace, paths)
	}
	return cmd
}

// pathView is an object path in JSON.
type pathView struct {
	Path      string         `json:"path"`
	Namespace string         `json:"namespace"`
	Class     string         `json:"class"`
	Keys      map[string]any `json:"keys"`
}

func newPathView(p cim.ObjectPath) pathView {
	v := pathView{Path: p.String(), Namespace: p.Namespace, Class: p.Class, Keys: make(map[string]any, len(p.Keys))}
	for _, k := range p.Keys {
		v.Keys[k.Name] = k.Value
	}
	return v
}

// printPaths writes object paths to standard output as they arrive.
func (e *Env) printPaths(o *outputFlag, namespace string, list iter.Seq2[cim.ObjectPath, error]) error {
	w := bufio.NewWriter(e.Stdout)
	arrived := e.newProgress("names", false)
	defer arrived.end()
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for path, err := range list {
		if err != nil {
			_ = w.Flush() // the other failure came first
			return err
		}
		path = path.Local().In(namespace)
		if o.format == formatJSON {
			err = encoder.Encode(newPathView(path))
		} else {
			_, err = io.WriteString(w, printable(path.String())+"\n")
		}
		if err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
		arrived.add()
	}
	arrived.end()
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

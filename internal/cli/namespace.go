package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func newNamespaceCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "namespace",
		Short: "List, create and delete the namespaces of a CIM server",
	}
	cmd.AddCommand(
		newNamespaceListCommand(env),
		newNamespaceCreateCommand(env),
		newNamespaceDeleteCommand(env),
	)
	return cmd
}

// namespaceList is what namespace list prints.
type namespaceList struct {
	Interop    string   `json:"interop"`
	Namespaces []string `json:"namespaces"`
}

// WriteText writes one name a line.
func (l namespaceList) WriteText(w io.Writer, _ bool) error {
	var b strings.Builder
	for _, name := range l.Namespaces {
		b.WriteString(printable(name) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

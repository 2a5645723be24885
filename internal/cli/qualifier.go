package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

func newQualifierCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "qualifier",
		Short: "Look at the qualifier types of a CIM server",
	}
	cmd.AddCommand(newQualifierGetCommand(env), newQualifierListCommand(env))
	return cmd
}

// qualifierView is the declaration of a qualifier.
type qualifierView struct {
	Name         string    `json:"name"`
	Type         string    `json:"type"`
	Array        bool      `json:"array"`
	Default      cim.Value `json:"default"`
	Scopes       []string  `json:"scopes"`
	Overridable  bool      `json:"overridable"`
	ToSubclass   bool      `json:"to_subclass"`
	ToInstance   bool      `json:"to_instance"`
	Translatable bool      `json:"translatable"`

	declaration *cim.QualifierType
}

func newQualifierView(q *cim.QualifierType) qualifierView {
	return qualifierView{
		Name: q.Name, Type: q.Default.Type().String(), Array: q.Default.IsArray(), Default: q.Default, Scopes: scopesOf(q.Scope),
		Overridable: q.Flavor&cim.Overridable != 0, ToSubclass: q.Flavor&cim.ToSubclass != 0,
		ToInstance: q.Flavor&cim.ToInstance != 0, Translatable: q.Flavor&cim.Translatable != 0,
		declaration: q,
	}
}

// scopesOf returns the names of the elements that a qualifier may stand on, as MOF has them.
func scopesOf(scope cim.Scope) []string {
	if scope == cim.ScopeAny {
		return []string{"any"}
	}
	names := []string{}
	for _, s := range []struct {
		scope cim.Scope
		name  string
	}{
		{cim.ScopeClass, "class"}, {cim.ScopeAssociation, "association"}, {cim.ScopeIndication, "indication"},
		{cim.ScopeProperty, "property"}, {cim.ScopeReference, "reference"}, {cim.ScopeMethod, "method"},
		{cim.ScopeParameter, "parameter"},
	} {
		if scope&s.scope != 0 {
			names = append(names, s.name)
		}
	}
	return names
}

// WriteMOF writes the declaration.
func (q qualifierView) WriteMOF(w io.Writer) error { return mof.WriteQualifierType(w, *q.declaration) }

// WriteText writes the declaration too: there is no shorter form.
func (q qualifierView) WriteText(w io.Writer, _ bool) error { return q.WriteMOF(w) }

// qualifierList is what qualifier list prints.
type qualifierList struct {
	Qualifiers []qualifierView `json:"qualifiers"`
}

// WriteMOF writes the declarations.
func (l qualifierList) WriteMOF(w io.Writer) error {
	for i, q := range l.Qualifiers {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := q.WriteMOF(w); err != nil {
			return err
		}
	}
	return nil
}

// WriteText writes a table.
func (l qualifierList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Qualifiers))
	for i, q := range l.Qualifiers {
		t := q.Type
		if q.Array {
			t += "[]"
		}
		rows[i] = []cell{{text: q.Name}, {text: t}, known(plainText(q.Default)), {text: strings.Join(q.Scopes, ",")}}
	}
	return writeTable(w, color, []string{"NAME", "TYPE", "DEFAULT", "SCOPES"}, rows)
}

package cli

import (
	"cmp"
	"io"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
)

func newClassGetCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get URL CLASS",
		Short: "Show the declaration of a class",
		Long: `Show the declaration of a class with its properties, methods and qualifiers, and what it inherits.
A table shows the members, their types and where they come from; keys have an asterisk.`,
		Example: `  cimwatch class get https://esx1 CIM_Fan -u root
  cimwatch class get https://esx1 CIM_AlertIndication -u root --no-qualifiers --property AlertType
  cimwatch class get https://esx1 OMC_NumericSensor -u root -o table`,
		Args: arguments("URL", "CLASS"),
	}
	connection := addConnectionFlags(cmd)
	flags := cmd.Flags()
	local := flags.Bool("local", false, "leave out what is inherited")
	bare := flags.Bool("no-qualifiers", false, "leave out qualifiers")
	origin := flags.Bool("origin", false, "ask for the class that introduced each member, which XML and JSON show")
	properties := addPropertyFlag(cmd)
	output := addOutputFlag(cmd, formatMOF, formatTable, formatJSON, formatXML)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := cmp.Or(checkClass(args[1]), properties.check()); err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		class, err := s.GetClass(cmd.Context(), "", args[1], &cim.ReadOptions{
			LocalOnly: *local, IncludeQualifiers: !*bare, Properties: properties.names,
			IncludeClassOrigin: *origin || output.format == formatTable,
		})
		if err != nil {
			return withClassHint(err)
		}
		if len(properties.missing(class, properties.names)) > 0 && !*local {
			if err := properties.declaredBy(cmd.Context(), s, cim.ObjectPath{Class: class.Name}, false); err != nil {
				return err
			}
		}
		return env.print(output, newClassView(class))
	}
	return cmd
}

// WriteMOF writes the declaration, what is inherited included, as far as it was asked for.
func (v classView) WriteMOF(w io.Writer) error { return mof.WriteClass(w, ownClass(v.class)) }

// ownClass returns a class as if nothing of it was inherited.
func ownClass(inherited *cim.Class) *cim.Class {
	c := *inherited
	c.Qualifiers = own(c.Qualifiers)
	c.Properties = append([]cim.Property{}, c.Properties...)
	for i := range c.Properties {
		p := &c.Properties[i]
		p.Propagated, p.Qualifiers = false, own(p.Qualifiers)
	}
	c.Methods = append([]cim.Method{}, c.Methods...)
	for i := range c.Methods {
		m := &c.Methods[i]
		m.Propagated, m.Qualifiers = false, own(m.Qualifiers)
	}
	return &c
}

// own returns qualifiers as if none was inherited, which the printer would leave out.
func own(inherited []cim.Qualifier) []cim.Qualifier {
	list := append([]cim.Qualifier{}, inherited...)
	for i := range list {
		list[i].Propagated = false
	}
	return list
}

// WriteXML writes the CLASS element of DSP0201.
func (v classView) WriteXML(w io.Writer) error { return cimxml.WriteXML(w, v.class) }

// WriteText writes a table of the members.
func (v classView) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, 0, len(v.Properties)+len(v.Methods))
	for _, p := range v.Properties {
		mark := "-"
		if p.Key {
			mark = "*"
		}
		rows = append(rows, []cell{{text: mark}, {text: p.Name}, {text: p.declaredType()}, known(p.Origin)})
	}
	for i := range v.Methods {
		m := &v.Methods[i]
		rows = append(rows, []cell{{text: "-"}, {text: m.signature()}, known(m.Returns), known(m.Origin)})
	}
	return writeTable(w, color, []string{"KEY", "MEMBER", "TYPE", "FROM"}, rows)
}

package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
)

func newMOFPrintCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "print FILE...",
		Short: "Print what MOF files declare",
		Long: `Compile MOF files and print what they declare in one form and order: qualifier types, then classes, each
behind its superclass, then instances. The output compiles to the same. Comments are not kept; to
lay out files as they are, see "cimwatch mof fmt".

` + mofHelp,
		Example: `  cimwatch mof print models/array.mof
  cimwatch mof print cim_schema_2.49.0Final-MOFs.zip --class CIM_Fan --effective
  cimwatch mof print vendor/ --schema cim_schema_2.49.0Final-MOFs.zip -o json`,
		Args:              mofFiles(),
		ValidArgsFunction: completeMOF,
	}
	flags := addMOFFlags(cmd)
	classes := cmd.Flags().StringSlice("class", nil, "print this `class` only, also one of --schema; can be repeated")
	effective := cmd.Flags().Bool("effective", false, "print classes with what they inherit: to read, rather than to compile")
	output := addOutputFlag(cmd, formatMOF, formatJSON, formatXML)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		compiled, err := flags.compile(cmd.Context(), env, args)
		if err != nil {
			return err
		}
		v, err := compiled.view(*classes, *effective)
		if err != nil {
			return err
		}
		return env.print(output, v)
	}
	return cmd
}

// mofView is what MOF files declare.
type mofView struct {
	QualifierTypes []qualifierView `json:"qualifiers"`
	Classes        []classView     `json:"classes"`
	Instances      []*cim.Instance `json:"instances"`

	schema *mof.Schema
}

// view returns what the files declare, or only the named classes, with what they inherit where
// effective says so.
func (c *compiledMOF) view(classes []string, effective bool) (*mofView, error) {
	v := &mofView{QualifierTypes: []qualifierView{}, Classes: []classView{}, Instances: []*cim.Instance{}, schema: c.Schema}
	names := c.parentsFirst(c.ClassNames()[c.usedClasses:])
	if len(classes) > 0 {
		names = classes
	}
	for _, name := range names {
		class := c.Local(name)
		if class == nil {
			return nil, noMOFClass(name)
		}
		if effective {
			class = ownClass(c.Class(name))
		}
		v.Classes = append(v.Classes, newClassView(class))
	}
	if len(classes) > 0 {
		return v, nil
	}
	types := c.QualifierTypes()[c.usedQualifiers:]
	for i := range types {
		v.QualifierTypes = append(v.QualifierTypes, newQualifierView(&types[i]))
	}
	v.Instances = append(v.Instances, c.Schema.Instances()[c.usedInstances:]...)
	return v, nil
}

func noMOFClass(name string) error {
	return withHint(fmt.Errorf("no class %s in the MOF files", printable(name)), `list them all with "cimwatch class tree --mof"`)
}

// parentsFirst returns classes in an order in which each comes behind its superclass, and
// otherwise in the order given.
func (c *compiledMOF) parentsFirst(names []string) []string {
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[cim.FoldName(name)] = true
	}
	ordered := make([]string, 0, len(names))
	add := func(name string) {
		if key := cim.FoldName(name); wanted[key] {
			wanted[key] = false
			ordered = append(ordered, name)
		}
	}
	for _, name := range names {
		for _, ancestor := range slices.Backward(c.Ancestors(name)) {
			add(ancestor)
		}
		add(name)
	}
	return ordered
}

// WriteMOF writes the declarations.
func (v *mofView) WriteMOF(w io.Writer) error {
	part := mof.Part{Instances: v.Instances}
	for i := range v.QualifierTypes {
		part.QualifierTypes = append(part.QualifierTypes, *v.QualifierTypes[i].declaration)
	}
	for i := range v.Classes {
		part.Classes = append(part.Classes, v.Classes[i].class)
	}
	return v.schema.WritePart(w, part)
}

// WriteText writes the declarations too: there is no shorter form.
func (v *mofView) WriteText(w io.Writer, _ bool) error { return v.WriteMOF(w) }

// WriteXML writes a document of declarations (DSP0203 DECLARATION).
func (v *mofView) WriteXML(w io.Writer) error {
	return cimxml.WriteDeclarations(w, func(yield func(cimxml.Declaration) bool) {
		namespace := mof.DefaultNamespace // that of qualifier types, which belong to none
		if len(v.Classes) > 0 {
			namespace = v.Classes[0].class.Path.Namespace
		}
		for i := range v.QualifierTypes {
			if !yield(cimxml.Declaration{Namespace: namespace, Qualifier: v.QualifierTypes[i].declaration}) {
				return
			}
		}
		for i := range v.Classes {
			class := v.Classes[i].class
			if !yield(cimxml.Declaration{Namespace: class.Path.Namespace, Object: cim.EmbeddedClass(class)}) {
				return
			}
		}
		for _, i := range v.Instances {
			if !yield(cimxml.Declaration{Namespace: i.Path.Namespace, Object: cim.EmbeddedInstance(i)}) {
				return
			}
		}
	})
}

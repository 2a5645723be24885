package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

func newMethodInvokeCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "invoke URL OBJECT METHOD",
		Short: "Call a method",
		Long: `Call a method of an instance, or a static method of a class, and print what it returns and its
output parameters. The types are those that the class declares. The exit code is 0 when the
method was called, whatever it returns: what a number means is the method's own.

` + valueHelp + "\n\n" + objectHelp,
		Example: `  cimwatch method invoke http://127.0.0.1:5988 CIMWATCH_Simulator PlayStep -k Name=sim --in Step=case-opened
  cimwatch method invoke http://array:5988 'CIM_JobManager.Name="jobs"' Start --in Priority=5 -o json`,
		Args: arguments("URL", "OBJECT", "METHOD"),
	}
	connection := addConnectionFlags(cmd)
	object := addObjectFlags(cmd)
	inputs := cmd.Flags().StringArrayP("in", "i", nil,
		"`Name=Value` of an input parameter; a number may be what it means; repeat it or write '{A,B}' for an array; @FILE or MOF for an embedded instance")
	output := addOutputFlag(cmd, formatText, formatJSON)
	connection.complete(cmd, env, completeClasses, completeMethods)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := parseAssignments("in", *inputs)
		if err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		method, path, err := findMethod(cmd.Context(), env, s, object, args[1], args[2])
		if err != nil {
			return err
		}
		parameters, err := method.inputs(in, s.objects(cmd.Context(), path.Namespace))
		if err != nil {
			return err
		}
		value, out, err := s.InvokeMethod(cmd.Context(), path, method.Name, parameters...)
		if err != nil {
			return withInstanceHint(err, path.Class)
		}
		return env.print(output, newInvoked(method, value, out))
	}
	return cmd
}

// declaredMethod is a method with the class that has it.
type declaredMethod struct {
	*cim.Method
	class string
}

// findMethod returns the declaration of a method, and the path to call it on: the class's
// where only a class is given and the method is static.
func findMethod(ctx context.Context, env *Env, s *session, object *objectFlags, arg, name string) (declaredMethod, cim.ObjectPath, error) {
	path, keys, err := object.parse(arg, s.namespace)
	if err != nil {
		return declaredMethod{}, path, err
	}
	class, err := s.GetClass(ctx, path.Namespace, path.Class, &cim.ReadOptions{IncludeQualifiers: true})
	if err != nil {
		return declaredMethod{}, path, withClassHint(err)
	}
	method := class.Method(name)
	if method == nil {
		return declaredMethod{}, path, withHint(usage(fmt.Errorf("%s has no method %q", class.Name, printable(name))), methodsHint(class))
	}
	if !path.IsInstance() && (len(keys) > 0 || !flagged(method.Qualifiers, "Static", false)) {
		path, err = findInstance(ctx, env, s, path, keys)
	}
	return declaredMethod{method, class.Name}, path, err
}

func methodsHint(class *cim.Class) string {
	if len(class.Methods) == 0 {
		return "it has no methods at all"
	}
	names := make([]string, len(class.Methods))
	for i := range class.Methods {
		names[i] = class.Methods[i].Name
	}
	return "its methods are: " + strings.Join(names, ", ")
}

// inputs reads what the flags give as the declared parameters.
func (m declaredMethod) inputs(in []assignment, objects objectReader) ([]cim.Parameter, error) {
	list := make([]cim.Parameter, len(in))
	for i := range in {
		p := m.parameter(in[i].name)
		if p == nil || !isInput(p) {
			v := newMethodView(m.Method)
			return nil, withHint(usage(fmt.Errorf("--in: %s has no input parameter %s", m.Name, in[i].name)), "it is "+v.signature())
		}
		d := parameterDeclaration(p)
		d.objects = objects
		v, err := d.value(&in[i])
		if err != nil {
			return nil, err
		}
		list[i] = cim.Param(p.Name, v)
		if d.embedded != cim.NotEmbedded {
			list[i].Embedded = d.embedded
		}
	}
	return list, nil
}

func (m declaredMethod) parameter(name string) *cim.Parameter {
	for i := range m.Parameters {
		if cim.EqualNames(m.Parameters[i].Name, name) {
			return &m.Parameters[i]
		}
	}
	return nil
}

// invoked is what a method gave.
type invoked struct {
	Method  string          `json:"method"`
	Return  cim.Value       `json:"return"`
	Meaning string          `json:"meaning"` // of the return value, "" where the class does not tell
	Out     cim.PropertyMap `json:"out"`

	method declaredMethod
}

func newInvoked(m declaredMethod, value cim.Value, out []cim.Parameter) invoked {
	v := invoked{Method: m.Name, Return: value, Out: cim.PropertyMap{}, method: m}
	v.Meaning, _ = valueMapOf(m.ReturnType, m.Qualifiers).Meaning(value)
	for _, p := range out {
		v.Out = append(v.Out, cim.Prop(p.Name, p.Value))
	}
	return v
}

// WriteText writes the return value and each output parameter on a line, numbers with what
// they mean.
func (v invoked) WriteText(w io.Writer, _ bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "ReturnValue = %s%s\n", printable(v.Return.String()), inBrackets(v.Meaning))
	for i := range v.Out {
		p := &v.Out[i]
		fmt.Fprintf(&b, "%s = ", printable(p.Name))
		if declared := v.method.parameter(p.Name); declared != nil && !p.Value.IsArray() {
			if meaning, ok := valueMapOf(declared.Value.Type(), declared.Qualifiers).Meaning(p.Value); ok {
				fmt.Fprintf(&b, "%s%s\n", printable(p.Value.String()), inBrackets(meaning))
				continue
			}
		}
		writeValue(&b, mof.BuiltinValues(), cmp.Or(p.ReferenceClass, v.method.class), p, utf8.RuneCountInString(printable(p.Name))+len(" = "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func inBrackets(meaning string) string {
	if meaning == "" {
		return ""
	}
	return " (" + printable(meaning) + ")"
}

// completeMethods asks for the methods of the class that stands before.
func completeMethods(ctx context.Context, s *session, before []string) []string {
	class := completedClass(ctx, s, before)
	if class == nil {
		return nil
	}
	names := make([]string, len(class.Methods))
	for i := range class.Methods {
		names[i] = class.Methods[i].Name
	}
	return names
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

// undoPatience is how long taking back may last, also after an interrupt.
const undoPatience = time.Minute

func newMOFApplyCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply URL FILE...",
		Short: "Bring what MOF files declare to a CIM server",
		Long: `Compile MOF files and create on a CIM server what they declare: qualifier types, then classes, each
behind its superclass and those it refers to, then instances, each behind those it refers to. What
is there already and equal is left alone. Where something is there and differs nothing is done at
all, unless --replace asks for it.

What stands before any namespace pragma goes to --namespace. What --schema declares is known and not
created: it should be on the server.

When the server refuses something, does not answer, or the command is interrupted, all that was done
so far is taken back, the last first; what cannot be taken back is named.

` + mofHelp,
		Example: `  cimwatch mof apply https://array:5989 models/array.mof -u admin --dry-run
  cimwatch mof apply @lab models/ --schema cim_schema_2.49.0Final-MOFs.zip
  cimwatch mof apply @lab models/array.mof --replace`,
		Args: mofFiles("URL"),
	}
	connection := addConnectionFlags(cmd)
	connection.complete(cmd, env)
	urls := cmd.ValidArgsFunction
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return completeMOF(cmd, args, typed)
		}
		return urls(cmd, args, typed)
	}
	o := &applyOptions{connection: connection, mof: addMOFFlags(cmd)}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be done, and change nothing")
	cmd.Flags().BoolVar(&o.replace, "replace", false, "change what is there and differs")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		plan, err := o.apply(cmd.Context(), env, args)
		if plan == nil || err != nil && !o.dryRun {
			return err
		}
		return errors.Join(err, env.print(output, plan))
	}
	return cmd
}

// applyOptions say what is brought to which server, and how.
type applyOptions struct {
	connection      *connectionFlags
	mof             *mofFlags
	dryRun, replace bool
}

// apply brings what files declare to a server, unless it is to be shown only. The plan is nil where
// there is none yet.
func (o *applyOptions) apply(ctx context.Context, env *Env, args []string) (*plan, error) {
	if err := o.mof.oneStdin(o.connection, args[1:]); err != nil {
		return nil, err
	}
	s, err := o.connection.client(ctx, env, args[0])
	if err != nil {
		return nil, err
	}
	defer s.Close()
	o.mof.namespace = s.namespace
	compiled, err := o.mof.compile(ctx, env, args[1:])
	if err != nil {
		return nil, err
	}
	p, err := newPlan(ctx, env, s, compiled)
	if err != nil {
		return nil, err
	}
	p.DryRun = o.dryRun
	if err := p.decide(o.replace); err != nil || o.dryRun {
		return p, err
	}
	return p, p.run(ctx, env)
}

// The actions of a plan.
const (
	actionCreate  = "create"
	actionReplace = "replace"
	actionKeep    = "keep"   // it is there and equal
	actionDiffer  = "differ" // it is there and differs, and is not to be replaced
)

// plan is what mof apply does, in this order.
type plan struct {
	DryRun bool       `json:"dry_run"`
	Steps  []planStep `json:"steps"`
}

// planStep is one object that is brought to the server.
type planStep struct {
	Action    string `json:"action"`
	Element   string `json:"element"` // "qualifier type", "class" or "instance"
	Namespace string `json:"namespace"`
	Name      string `json:"name"` // of an instance, its object path without namespace

	create, replace func(ctx context.Context) error
	remove, restore func(ctx context.Context) error // undo create and replace
}

func (s *planStep) String() string { return s.Element + " " + s.Namespace + ":" + s.Name }

// decide refuses a plan that would have to change what is there, unless it may.
func (p *plan) decide(replace bool) error {
	differ := 0
	first := ""
	for i := range p.Steps {
		step := &p.Steps[i]
		switch {
		case step.Action != actionDiffer:
		case replace:
			step.Action = actionReplace
		default:
			if differ == 0 {
				first = step.String()
			}
			differ++
		}
	}
	if differ == 0 {
		return nil
	}
	differs := "1 object on the server differs from the files, " + first
	if differ > 1 {
		differs = fmt.Sprintf("%d objects on the server differ from the files, such as %s", differ, first)
	}
	return withHint(errors.New(differs+"; nothing was done"),
		`see how with "cimwatch mof diff URL FILE", and change them with --replace`)
}

// WriteText writes a line for each object that was or would be created or replaced.
func (p *plan) WriteText(w io.Writer, _ bool) error {
	done := map[string]string{actionCreate: "created ", actionReplace: "replaced "}
	if p.DryRun {
		done = map[string]string{actionCreate: "would create ", actionReplace: "would replace ", actionDiffer: "differs: "}
	}
	var b strings.Builder
	kept := 0
	for i := range p.Steps {
		step := &p.Steps[i]
		if word, ok := done[step.Action]; ok {
			b.WriteString(word + printable(step.String()) + "\n")
		} else {
			kept++
		}
	}
	if kept > 0 {
		b.WriteString(counted(kept, "object") + " there already\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// run performs the plan, and takes back what it did when a step fails.
func (p *plan) run(ctx context.Context, env *Env) error {
	arrived := env.newProgress("objects", true)
	defer arrived.end()
	for i := range p.Steps {
		step := &p.Steps[i]
		var err error
		switch step.Action {
		case actionCreate:
			err = step.create(ctx)
		case actionReplace:
			err = step.replace(ctx)
		}
		if err == nil {
			err = ctx.Err() // what comes after an interrupt is taken back, too
			if err != nil {
				i++
			}
		} else if outcomeUnknown(err) {
			i++ // the server may have done it
		}
		if err != nil {
			arrived.end()
			return p.takeBack(ctx, env, i, fmt.Errorf("%s: %w", step, err))
		}
		arrived.add()
	}
	return nil
}

// outcomeUnknown reports whether a request may have been performed all the same: there is no
// answer that says no.
func outcomeUnknown(err error) bool {
	_, refused := errors.AsType[*cim.Error](err)
	return !refused
}

// takeBack undoes the first steps of a plan, the last of them first, and returns why with what
// is left.
func (p *plan) takeBack(ctx context.Context, env *Env, steps int, why error) error {
	if ctx.Err() != nil {
		why = errors.New("interrupted")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoPatience)
	defer cancel()
	var left []string
	undone := 0
	for i := steps - 1; i >= 0; i-- {
		step := &p.Steps[i]
		var err error
		switch step.Action {
		case actionCreate:
			err = step.remove(ctx)
		case actionReplace:
			err = step.restore(ctx)
		default:
			continue
		}
		switch {
		case err == nil:
			undone++
		case step.Action == actionCreate && isAbsent(err): // it never was there
		default:
			left = append(left, step.String())
			note(env.Stderr, "cannot take back "+step.String()+": "+err.Error())
		}
	}
	if len(left) > 0 {
		return withHint(fmt.Errorf("%w; %s taken back, but not %s", why, counted(undone, "change"), strings.Join(left, ", ")),
			"look at what is left with \"cimwatch mof diff URL FILE\"")
	}
	return fmt.Errorf("%w; %s taken back, nothing is left", why, counted(undone, "change"))
}

// isAbsent reports whether a CIM server says that there is no such thing. For a class servers
// have two ways to say it.
func isAbsent(err error) bool {
	return errors.Is(err, cim.StatusNotFound) || errors.Is(err, cim.StatusInvalidClass)
}

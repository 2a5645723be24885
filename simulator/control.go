package simulator

import (
	"context"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// controlClass is the class of the simulator's own methods, declared in control.mof.
const controlClass = "CIMWATCH_Simulator"

// handleControl makes the methods of the control class work, when the model has it.
func (s *Server) handleControl() error {
	if s.schema.Class(controlClass) == nil {
		return nil
	}
	if err := s.HandleMethod(controlClass, "FireIndication", fireIndication); err != nil {
		return err
	}
	return s.HandleMethod(controlClass, "PlayStep", playStep)
}

// fireIndication sends an alert made from the parameters.
func fireIndication(ctx context.Context, call *Call) (cim.Value, []cim.Parameter, error) {
	class := call.Text("ClassName")
	if class == "" {
		return cim.Value{}, nil, cim.Errorf(cim.StatusInvalidParameter, "ClassName is missing")
	}
	i := cim.NewInstance(class)
	i.Path.Namespace = call.Object.Namespace
	i.Set("IndicationIdentifier", cim.String(call.Server.nextIdentifier()))
	for _, name := range []string{"Description", "AlertingManagedElement", "PerceivedSeverity"} {
		if v := call.Get(name); !v.IsNull() {
			i.Set(name, v)
		}
	}
	call.Server.fillAlert(i)
	if _, err := call.Server.Fire(ctx, i); err != nil {
		return cim.Value{}, nil, err
	}
	return cim.Uint32(0), []cim.Parameter{cim.Param("IndicationIdentifier", i.Get("IndicationIdentifier"))}, nil
}

func playStep(ctx context.Context, call *Call) (cim.Value, []cim.Parameter, error) {
	if err := call.Server.Play(ctx, call.Text("Step")); err != nil {
		return cim.Value{}, nil, err
	}
	return cim.Uint32(0), nil, nil
}

// Steps returns the steps of the model's scenario, in the order in which they make
// sense.
func (s *Server) Steps() []Step { return slices.Clone(s.steps) }

// Play plays a step of the model's scenario. The error is a [cim.Error] of
// StatusInvalidParameter for a step that does not exist, else that of the step.
func (s *Server) Play(ctx context.Context, step string) error {
	for _, candidate := range s.steps {
		if candidate.Name == step {
			return candidate.Do(ctx, s)
		}
	}
	return cim.Errorf(cim.StatusInvalidParameter, "There is no step %q", step)
}

package subscriber

import (
	"context"
	"errors"
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
)

// testMethod is the method by which servers offer a test indication. No version of the
// CIM schema declares it; where a server has it, it takes no parameters.
const testMethod = "SendTestIndication"

// Invoker is what [Subscriber.Test] needs of a client besides what Client has.
type Invoker interface {
	InvokeMethod(ctx context.Context, path cim.ObjectPath, method string, in ...cim.Parameter) (cim.Value, []cim.Parameter, error)
}

// Test asks the server for a test indication where it offers one: its indication service
// (CIM_IndicationService) or else the handlers that Reconcile made under the name, if their
// classes have a method SendTestIndication. It returns of how many objects the method
// was called, 0 when the server offers none or the client is no [Invoker]. That the
// indication arrives is for the listener to see. Where one call fails, Test goes on, and
// the error joins all failures.
func (s *Subscriber) Test(ctx context.Context, name string) (sent int, err error) {
	if err := validateName(name); err != nil {
		return 0, err
	}
	invoker, ok := s.client.(Invoker)
	if !ok {
		return 0, nil
	}
	r, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	services, err := r.enumerate(ctx, "CIM_IndicationService")
	if err != nil {
		return 0, err
	}
	if sent, err = r.test(ctx, invoker, services); sent > 0 || err != nil {
		return sent, err
	}
	handlers, err := r.listHandlers(ctx)
	if err != nil {
		return 0, err
	}
	return r.test(ctx, invoker, registry{handlers: handlers}.of(name).handlers)
}

// test calls the method of the objects that have it.
func (r *run) test(ctx context.Context, invoker Invoker, objects []*cim.Instance) (sent int, err error) {
	var errs []error
	offered := map[string]bool{} // by class
	for _, o := range objects {
		offers, known := offered[o.Class]
		if !known {
			if offers, err = r.offersTest(ctx, o.Class); err != nil {
				return sent, errors.Join(append(errs, err)...)
			}
			offered[o.Class] = offers
		}
		if !offers {
			continue
		}
		r.step("Asking for a test indication", o.Path.KeyText("Name"))
		result, _, err := invoker.InvokeMethod(ctx, o.Path, testMethod)
		switch code, _ := result.Uint64(); {
		case err != nil:
			errs = append(errs, fmt.Errorf("ask for a test indication: %w", err))
		case code != 0:
			errs = append(errs, fmt.Errorf("ask for a test indication: %s returned %d", testMethod, code))
		default:
			sent++
		}
	}
	return sent, errors.Join(errs...)
}

func (r *run) offersTest(ctx context.Context, class string) (bool, error) {
	c, err := r.client.GetClass(ctx, r.report.Interop, class, nil)
	if cim.IsMissingClass(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a test indication: %w", err)
	}
	return c.Method(testMethod) != nil, nil
}

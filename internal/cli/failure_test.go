package cli

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestDiagnoseOrder(t *testing.T) {
	refused := cim.Errorf(cim.StatusAccessDenied, "no")
	inner := withHint(fmt.Errorf("create filter: %w", refused), "inner")
	tests := []struct {
		name string
		err  error
		want diagnosis
	}{
		{"unknown kind", errors.New("odd"), diagnosis{ExitFailed, ""}},
		{"kind", refused, diagnosis{ExitRefused, statusHint(cim.StatusAccessDenied)}},
		{"hint over kind", inner, diagnosis{ExitRefused, "inner"}},
		{"outer hint over inner", withHint(fmt.Errorf("subscribe: %w", inner), "outer"), diagnosis{ExitRefused, "outer"}},
		{"usage over kind", usage(inner), diagnosis{ExitUsage, "inner"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := diagnose(test.err); got != test.want {
				t.Errorf("diagnose = %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestHintAndCodeKeepTheError(t *testing.T) {
	cause := cim.Errorf(cim.StatusAccessDenied, "no")
	err := usage(withHint(cause, "ask"))
	if !errors.Is(err, cim.StatusAccessDenied) || err.Error() != cause.Error() {
		t.Errorf("error is %v, want %v unchanged", err, cause)
	}
}

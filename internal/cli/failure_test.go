package cli

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestOneLine(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "GetClass root/cimv2: not found", "GetClass root/cimv2: not found"},
		{"joined errors", errors.Join(errors.New("a"), errors.New("b")).Error(), "a; b"},
		{"blank lines", "a\r\n\r\nb\n", "a; b"},
		{"terminal command", "\x1b[2Jgone\a", `\x1b[2Jgone\a`},
		{"invisible and reversed", "a\u200bb\u202ec", `a\u200bb\u202ec`},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"letters and spaces of all scripts", "Lüfter\u00a0１ 風扇", "Lüfter\u00a0１ 風扇"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := oneLine(test.text); got != test.want {
				t.Errorf("oneLine(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

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

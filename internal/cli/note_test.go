package cli

import (
	"errors"
	"testing"
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

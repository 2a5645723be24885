package cli

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A shell takes what is written for it as it was.
func TestShellWords(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell:", err)
	}
	texts := []string{
		"esx1", "", "a b", "it's", `omc_fan.deviceid="29.3",systemname="x"`, "$HOME `id` \\ !", "*", "--db=x", "~root", "a;b|c&d<e>f(g)", "#x", "{a,b}", "ü", "''",
	}
	out, err := exec.CommandContext(t.Context(), shell, "-c", `printf '%s\n' `+strings.Join(quotedWords(texts), " ")).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); !slices.Equal(got, texts) {
		t.Errorf("the shell read %q, want %q", got, texts)
	}
	if got := shellWord("/tmp/a-b_c.db"); got != "/tmp/a-b_c.db" {
		t.Errorf("what needs no quotes is %s", got)
	}
}

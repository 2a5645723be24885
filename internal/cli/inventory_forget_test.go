package cli_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// TestForgetByDaemon asks a running daemon, which forgets no host of its configuration, and
// nothing where everybody may come in.
func TestForgetByDaemon(t *testing.T) {
	w := watch(t)
	code, said := ask(t, "inventory forget esx1 --yes --address "+w.address, nil)
	if want := "error: this daemon forgets no hosts, for it asks nobody for an account\nhint: set a metrics.web_config "; code != cli.ExitFailed || !strings.HasPrefix(said, want) {
		t.Errorf("exit code %d: %s", code, said)
	}
	address, _, password := guardedDaemon(t, "gone1", "gone2")
	flags := " --address https://" + address + " --daemon-insecure --daemon-user ops --daemon-password-file " + password
	for line, want := range map[string]string{
		"inventory forget ESX1":         "error: ask the daemon: host esx1: the configuration has it\nhint: take the host out of the configuration and start the daemon again first",
		"inventory forget gone1":        "error: nothing is forgotten yet\nhint: add --yes",
		"inventory forget * --yes":      "error: ask the daemon: host esx1: the configuration has it\n",
		"inventory forget gone2 esx1":   "error: ask the daemon: host esx1: the configuration has it\n",
		"inventory forget gone2 --db x": "error: --db and --address cannot be used together\n",
	} {
		if _, said := ask(t, line+flags, nil); !strings.HasPrefix(said, want) {
			t.Errorf("%s says %q, want %q", line, said, want)
		}
	}
	said = run(t, strings.Fields("inventory forget GONE? --yes"+flags)...)
	if want := "gone1: forgotten, with 1 component and 0 changes\ngone2: forgotten, with 1 component and 0 changes\n"; said != want {
		t.Errorf("it says %q", said)
	}
	if code, said := ask(t, "inventory forget gone1 --yes"+flags, nil); code != cli.ExitFailed || !strings.HasPrefix(said, `error: no host "gone1" in the inventory`) {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// keepHosts keeps hosts with a component each in a file.
func keepHosts(t *testing.T, file string, names []string) {
	t.Helper()
	s, err := store.Open(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		for _, name := range names {
			_, err := tx.Apply(name, func(inventory.View) inventory.Delta {
				return inventory.Delta{Upserts: []inventory.Component{{Host: name, ID: "fan", Kind: inventory.KindFan, Health: inventory.OK}}}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

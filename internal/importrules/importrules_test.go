package importrules_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/internal/importrules"
)

// projectRules is the package map of ARCHITECTURE.md as rules, and where packages that are
// to come will stand.
func projectRules() importrules.Rules {
	libraries := []string{
		"cim", "cim/typed", "cimxml", "mof", "mof/gogen", "mof/sqlgen", "query", "event", "inventory", "discovery", "impact", "listener",
		"subscriber", "store", "notify", "simulator", "agent", "web",
	}
	return importrules.Rules{
		Allowed: map[string][]string{
			"cim":                  nil,
			"cim/typed":            {"cim"},
			"cimxml":               {"cim"},
			"mof":                  {"cim"},
			"mof/gogen":            {"cim", "cim/typed", "mof"},
			"mof/sqlgen":           {"cim", "mof"},
			"query":                {"cim"},
			"event":                {"cim"},
			"inventory":            {"cim", "event"},
			"discovery":            {"cim", "inventory"},
			"impact":               {"event", "inventory"},
			"listener":             {"cim", "cimxml"},
			"subscriber":           {"cim"},
			"simulator":            {"cim", "cimxml", "mof", "query"},
			"agent":                {"cim", "cimxml"},
			"store":                {"cim", "event", "inventory"},
			"notify":               {"event"},
			"web":                  {"cim", "event", "inventory", "query"},
			"daemon":               libraries,
			"internal/check":       {"cim", "inventory"},
			"internal/cli":         append([]string{"daemon", "internal/check"}, libraries...),
			"cmd":                  {"internal/cli"},
			"examples":             append([]string{"daemon"}, libraries...),
			"internal/importrules": nil,
			"internal/bench":       append([]string{"daemon"}, libraries...),
			"internal/pgtest":      nil,
			"internal/testreport":  nil,
		},
		Denied: [][2]string{
			{"cim", "cimxml"}, {"cim", "mof"}, {"mof", "cimxml"}, {"store", "cimxml"},
			{"subscriber", "cimxml"}, {"event", "store"}, {"inventory", "store"},
			{"impact", "store"}, {"discovery", "store"}, {"discovery", "cimxml"}, {"notify", "store"}, {"web", "store"}, {"web", "cimxml"},
			{"cimxml", "simulator"}, {"listener", "store"}, {"daemon", "internal/cli"},
			{"examples", "internal"},
		},
		StandardOnly: []string{"cim"},
		Owners: map[string][]string{
			"github.com/goccy/go-yaml":       {"daemon", "internal/cli"},
			"github.com/jedib0t/go-pretty":   {"internal/cli"},
			"github.com/prometheus":          {"daemon"},
			"github.com/schollz/progressbar": {"internal/cli"},
			"github.com/spf13/cobra":         {"internal/cli"},
			"github.com/jackc/pgx":           {"store/postgres", "internal/pgtest"},
			"github.com/pressly/goose":       {"store/postgres"},
			"go.etcd.io/bbolt":               {"store"},
		},
	}
}

func TestProject(t *testing.T) {
	graph, err := importrules.Load(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(graph.Packages()) == 0 {
		t.Fatal("no packages found")
	}
	for _, violation := range graph.Check(projectRules()) {
		t.Error(violation)
	}
}

func TestCheck(t *testing.T) {
	rules := importrules.Rules{
		Allowed: map[string][]string{
			"a":   nil,
			"b":   {"a"},
			"c":   {"b", "d"},
			"d":   nil,
			"c/x": {"a"},
		},
		Denied:       [][2]string{{"c", "a"}},
		StandardOnly: []string{"a"},
		Owners:       map[string][]string{"example.org/sql": {"b"}},
	}
	tests := []struct {
		name  string
		files map[string]string // import paths, by file
		want  []string
	}{
		{
			name:  "what is allowed",
			files: map[string]string{"a/a.go": "fmt", "b/b.go": "example.com/m/a", "b/sub/s.go": "example.com/m/b"},
		},
		{
			name:  "an import that is not listed",
			files: map[string]string{"b/b.go": "example.com/m/d", "d/d.go": "fmt"},
			want:  []string{"b: imports d, allowed are a"},
		},
		{
			name:  "a package below another follows its rule",
			files: map[string]string{"b/sub/s.go": "example.com/m/d", "d/d.go": "fmt"},
			want:  []string{"b/sub: imports d, allowed are a"},
		},
		{
			name:  "a package nobody has thought of",
			files: map[string]string{"util/u.go": "fmt"},
			want:  []string{"util: no rule says what this package may import"},
		},
		{
			name:  "a denied package reached through another",
			files: map[string]string{"a/a.go": "fmt", "b/b.go": "example.com/m/a", "c/c.go": "example.com/m/b"},
			want:  []string{"c: must not reach a: c -> b -> a"},
		},
		{
			name:  "a rule of its own does not lift a denial",
			files: map[string]string{"a/a.go": "fmt", "c/x/x.go": "example.com/m/a"},
			want:  []string{"c/x: must not reach a: c/x -> a"},
		},
		{
			name:  "another module where only the standard library may be",
			files: map[string]string{"a/a.go": "example.org/yaml"},
			want:  []string{"a: imports example.org/yaml, allowed is the standard library"},
		},
		{
			name:  "a module that belongs to another package",
			files: map[string]string{"b/b.go": "example.org/sql/driver", "d/d.go": "example.org/sql/driver"},
			want:  []string{"d: imports example.org/sql/driver, which is left to b"},
		},
		{
			name: "tests and what the go command ignores may import anything",
			files: map[string]string{
				"a/a_test.go": "example.com/m/b", "a/testdata/x.go": "example.com/m/b",
				"a/_old/x.go": "example.com/m/b", "vendor/v/v.go": "fmt", ".cache/c.go": "fmt",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			graph, err := importrules.Load(writeModule(t, test.files))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, graph.Check(rules)); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	if _, err := importrules.Load(t.TempDir()); err == nil {
		t.Error("a directory without go.mod loads")
	}
	root := writeModule(t, nil)
	if err := os.WriteFile(filepath.Join(root, "broken.go"), []byte("package p\nimport fmt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := importrules.Load(root); err == nil {
		t.Error("a file with a broken import clause loads")
	}
}

// writeModule writes a module example.com/m with one file for each entry and returns its root.
func writeModule(t *testing.T, imports map[string]string) string {
	t.Helper()
	root := t.TempDir()
	write := func(name, content string) {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/m\n\ngo 1.26\n")
	for name, importPath := range imports {
		write(name, "package p\n\nimport _ \""+importPath+"\"\n")
	}
	return root
}

// Package importrules checks which packages of a Go module may import which.
//
// It parses the import clauses of all files that are not tests, without building them, so it
// works on a tree that does not compile:
//
//	graph, err := importrules.Load("../..")
//	for _, violation := range graph.Check(rules) { ... }
//
// Test files may import anything and are not read. Build tags are ignored: every file counts.
package importrules

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Graph holds the imports of a module's packages.
type Graph struct {
	module  string
	imports map[string][]string // by package directory; import paths, sorted
}

// Load reads the imports of the module whose go.mod is in the directory root. Directories
// named testdata or vendor and those that start with a dot or an underscore are left out,
// as the go command does.
func Load(root string) (*Graph, error) {
	module, err := modulePath(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]bool{}
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if file != root && ignored(entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		dir = filepath.ToSlash(dir)
		if found[dir] == nil {
			found[dir] = map[string]bool{}
		}
		return addImports(found[dir], file)
	})
	if err != nil {
		return nil, fmt.Errorf("read the imports of %s: %w", root, err)
	}
	graph := &Graph{module: module, imports: map[string][]string{}}
	for dir, set := range found {
		graph.imports[dir] = slices.Sorted(maps.Keys(set))
	}
	return graph, nil
}

// Packages returns the directories of the packages, relative to the module and sorted.
func (g *Graph) Packages() []string { return slices.Sorted(maps.Keys(g.imports)) }

// local returns the directory of a package of the module, and whether it is one.
func (g *Graph) local(importPath string) (string, bool) {
	if importPath == g.module {
		return ".", true
	}
	return strings.CutPrefix(importPath, g.module+"/")
}

// chain returns the shortest chain of imports from the package dir to a package that target
// accepts, both ends included; nil where there is none.
func (g *Graph) chain(dir string, target func(dir string) bool) []string {
	queue := [][]string{{dir}}
	seen := map[string]bool{dir: true}
	for len(queue) > 0 {
		steps := queue[0]
		queue = queue[1:]
		for _, importPath := range g.imports[steps[len(steps)-1]] {
			next, ok := g.local(importPath)
			if !ok || seen[next] {
				continue
			}
			seen[next] = true
			longer := append(slices.Clone(steps), next)
			if target(next) {
				return longer
			}
			queue = append(queue, longer)
		}
	}
	return nil
}

func ignored(dir string) bool {
	return dir == "testdata" || dir == "vendor" || strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_")
}

func addImports(set map[string]bool, file string) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	for _, spec := range parsed.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", file, spec.Path.Value, err)
		}
		set[importPath] = true
	}
	return nil
}

func modulePath(gomod string) (string, error) {
	content, err := os.ReadFile(gomod)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(content)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return path.Clean(strings.TrimSpace(name)), nil
		}
	}
	return "", fmt.Errorf("%s: no module line", gomod)
}

package daemon

import (
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// problems returns what is wrong with what could be decoded, without what follows from that the
// rest could not. What hosts have from the defaults is told once, where it stands.
func (d *draft) problems(all []problem) (found []ConfigProblem) {
	told := map[string]bool{}
	for _, p := range all {
		path := d.origin(p.path)
		text := p.err.Error()
		if d.isDropped(path) || told[path+text] {
			continue
		}
		told[path+text] = true
		line, column := d.place(path)
		found = append(found, ConfigProblem{Line: line, Column: column, Key: path[2:], Text: text})
	}
	return found
}

// origin returns where the value at a path of the complete configuration comes from.
func (d *draft) origin(path string) string {
	rest, ofHost := strings.CutPrefix(path, "$.hosts[")
	host, key, ofKey := strings.Cut(rest, "].")
	if !ofHost || !ofKey {
		return path
	}
	top := key
	if end := strings.IndexAny(key, ".["); end > 0 {
		top = key[:end]
	}
	if d.node("$.hosts["+host+"]."+top) == nil && d.node("$.defaults."+top) != nil {
		return "$.defaults." + key
	}
	return path
}

// isDropped says whether a path was taken out, or what it is in.
func (d *draft) isDropped(path string) bool {
	for _, dropped := range d.dropped {
		if rest, ok := strings.CutPrefix(path, dropped); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// place finds where a path stands in the text, or else the innermost place on the way
// there that does.
func (d *draft) place(path string) (line, column int) {
	for path != "$" && path != "" {
		if node := d.node(path); node != nil {
			position := start(node).Position
			return position.Line, position.Column
		}
		path = parent(path)
	}
	return 0, 0
}

// node returns what stands at a path, nil when nothing does.
func (d *draft) node(path string) ast.Node {
	if d.body == nil {
		return nil
	}
	p, err := yaml.PathString(path)
	if err != nil {
		return nil
	}
	node, err := p.FilterNode(d.body)
	if err != nil {
		return nil
	}
	return node
}

// start returns the token that a node begins with: that of keys and values is a colon.
func start(node ast.Node) *token.Token {
	switch n := node.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return start(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return node.GetToken()
}

func parent(path string) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return ""
}

package cli

import (
	"context"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// hostTree is a host with its components below it.
type hostTree struct {
	Host     string     `json:"host"`
	Health   string     `json:"health"` // the worst of its components
	Children []treeNode `json:"children"`
}

// treeNode is a component with those that belong to it.
type treeNode struct {
	ID       string                 `json:"id"`
	Kind     string                 `json:"kind"`
	Name     string                 `json:"name"`
	Slot     string                 `json:"slot,omitempty"`
	Health   string                 `json:"health"`
	Reason   string                 `json:"reason,omitempty"`
	Reading  string                 `json:"reading,omitempty"`
	Relation inventory.RelationKind `json:"relation,omitempty"` // that put it here
	Children []treeNode             `json:"children,omitempty"`
}

func readHostTree(ctx context.Context, reader inventoryReader, host string) (t hostTree, err error) {
	if t.Host, err = findHost(ctx, reader, host); err != nil {
		return t, err
	}
	views, err := reader.Components(ctx, t.Host)
	if err != nil {
		return t, err
	}
	byID := make(map[string]*web.Component, len(views))
	components := make([]inventory.Component, len(views))
	worst := inventory.Unknown
	for i := range views {
		components[i] = views[i].Plain()
		worst = max(worst, components[i].Health)
		byID[views[i].ID] = &views[i]
	}
	t.Health, t.Children = worst.String(), treeNodes(inventory.Tree(components).Children, byID)
	return t, nil
}

func treeNodes(nodes []*inventory.Node, byID map[string]*web.Component) []treeNode {
	list := make([]treeNode, len(nodes))
	for i, n := range nodes {
		c := byID[n.Component.ID]
		list[i] = treeNode{
			ID: c.ID, Kind: c.Kind, Name: c.Name, Slot: c.Slot, Health: c.Health, Reason: c.Reason, Reading: c.Reading,
			Relation: n.Relation, Children: treeNodes(n.Children, byID),
		}
	}
	return list
}

// WriteText writes a line for each component, two more spaces before each level.
func (t hostTree) WriteText(w io.Writer, color bool) error {
	var b strings.Builder
	b.WriteString(paint(color, text.Bold, printable(t.Host)) + "  " + paint(color, healthColor(t.Health), t.Health) + "\n")
	writeNodes(&b, color, t.Children, 1)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeNodes(b *strings.Builder, color bool, nodes []treeNode, depth int) {
	for i := range nodes {
		n := &nodes[i]
		b.WriteString(strings.Repeat("  ", depth) + n.Kind + ": " + printable(n.Name) + "  " + paint(color, healthColor(n.Health), n.Health))
		for _, more := range []string{n.Reading, trouble(n)} {
			if more != "" {
				b.WriteString("  " + oneLine(more))
			}
		}
		b.WriteString("\n")
		writeNodes(b, color, n.Children, depth+1)
	}
}

// trouble returns why a component is not well.
func trouble(n *treeNode) string { return notOK(&web.Component{Health: n.Health, Reason: n.Reason}) }

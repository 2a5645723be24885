package cimxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// The reference decoder below reads exports the plain way: encoding/xml gives a tree,
// functions walk it. It knows the part of CIM-XML that most exports consist of, is slow,
// takes what it should not, and is there to be compared with.

// errOutside says that a document is beyond what the reference decoder knows.
var errOutside = errors.New("outside of the reference decoder's part of CIM-XML")

type node struct {
	name     string
	attrs    map[string]string
	children []*node
	text     string
}

func (n *node) only(name string) (*node, error) {
	if len(n.children) != 1 || n.children[0].name != name {
		return nil, fmt.Errorf("%s does not hold one %s", n.name, name)
	}
	return n.children[0], nil
}

var xmlDeclarationText = regexp.MustCompile(`^(\x{FEFF})?(<\?xml[ \t\r\n][^?]*\?>)?`)

// parseTree reads a document as a tree. The XML declaration is taken off: encoding/xml
// knows fewer of them.
func parseTree(document []byte) (*node, error) {
	document = document[len(xmlDeclarationText.Find(document)):]
	d := xml.NewDecoder(bytes.NewReader(document))
	root := &node{}
	open := []*node{root}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(open) != 1 || len(root.children) != 1 {
				return nil, errors.New("not one whole root element")
			}
			return root.children[0], nil
		}
		if err != nil {
			return nil, err
		}
		last := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			child := &node{name: rawName(token.Name), attrs: map[string]string{}}
			for _, a := range token.Attr {
				child.attrs[rawName(a.Name)] = strings.NewReplacer("\t", " ", "\n", " ").Replace(a.Value)
			}
			last.children = append(last.children, child)
			open = append(open, child)
		case xml.EndElement:
			if rawName(token.Name) != last.name {
				return nil, fmt.Errorf("%s is closed by %s", last.name, rawName(token.Name))
			}
			open = open[:len(open)-1]
		case xml.CharData:
			last.text += string(token)
		}
	}
}

func rawName(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

// referenceExport decodes an export message.
func referenceExport(body []byte) (id string, indication *cim.Instance, err error) {
	n, err := parseTree(body)
	if err != nil {
		return "", nil, err
	}
	message, err := n.only("MESSAGE")
	if err != nil {
		return "", nil, err
	}
	id = message.attrs["ID"]
	n = message
	for _, name := range []string{"SIMPLEEXPREQ", "EXPMETHODCALL"} {
		if n, err = n.only(name); err != nil {
			return "", nil, err
		}
	}
	for _, p := range n.children {
		if !strings.EqualFold(p.attrs["NAME"], "NewIndication") {
			continue
		}
		if len(p.children) == 0 {
			return "", nil, errOutside
		}
		if indication, err = referenceInstance(p.children[0]); err != nil {
			return "", nil, err
		}
	}
	return id, indication, nil
}

func referenceInstance(n *node) (*cim.Instance, error) {
	if n.name != "INSTANCE" {
		return nil, errOutside
	}
	i := &cim.Instance{Class: n.attrs["CLASSNAME"]}
	for _, c := range n.children {
		p, err := referenceProperty(c)
		if err != nil {
			return nil, err
		}
		i.Properties = append(i.Properties, p)
	}
	return i, nil
}

func referenceProperty(n *node) (p cim.Property, err error) {
	for name := range n.attrs {
		switch name {
		case "NAME", "TYPE", "EmbeddedObject":
		default:
			return p, errOutside
		}
	}
	if n.name != "PROPERTY" && n.name != "PROPERTY.ARRAY" || len(n.children) > 1 {
		return p, errOutside
	}
	p.Name = n.attrs["NAME"]
	typ, err := cim.ParseType(n.attrs["TYPE"])
	if err != nil {
		return p, err
	}
	switch strings.ToLower(n.attrs["EmbeddedObject"]) {
	case "instance":
		p.Embedded, typ = cim.EmbeddedAsInstance, cim.TypeInstance
	case "object":
		p.Embedded, typ = cim.EmbeddedAsObject, cim.TypeInstance
	}
	array := n.name == "PROPERTY.ARRAY"
	switch {
	case len(n.children) == 0 && array:
		p.Value = cim.NullArray(typ)
	case len(n.children) == 0:
		p.Value = cim.Null(typ)
	case array:
		p.Value, err = referenceArray(n.children[0], typ)
	default:
		p.Value, err = referenceValue(n.children[0], typ)
	}
	return p, err
}

func referenceArray(n *node, typ cim.Type) (cim.Value, error) {
	if n.name != "VALUE.ARRAY" {
		return cim.Value{}, errOutside
	}
	values := []cim.Value{}
	for _, c := range n.children {
		v := cim.Null(typ)
		if c.name != "VALUE.NULL" {
			var err error
			if v, err = referenceValue(c, typ); err != nil {
				return cim.Value{}, err
			}
		}
		values = append(values, v)
	}
	return cim.ArrayOf(typ, values...), nil
}

func referenceValue(n *node, typ cim.Type) (cim.Value, error) {
	marked := strings.HasPrefix(strings.TrimLeft(n.text, " \t\r\n"), "<")
	switch {
	case n.name != "VALUE" || typ != cim.TypeInstance && marked:
		return cim.Value{}, errOutside
	case typ != cim.TypeInstance:
		return cim.ParseValue(typ, n.text)
	case strings.Trim(n.text, " \t\r\n") == "":
		return cim.Null(typ), nil
	}
	inner, err := parseTree([]byte(strings.TrimLeft(n.text, " \t\r\n")))
	if err != nil {
		return cim.Value{}, err
	}
	i, err := referenceInstance(inner)
	return cim.EmbeddedInstance(i), err
}

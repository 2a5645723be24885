package daemon

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A draft is a configuration that something is wrong with. What cannot be decoded is taken out of
// it, so that the rest can be looked at: the YAML package tells of one thing at a time.
type draft struct {
	body    ast.Node
	dropped []string // paths of what was taken out
}

// newDraft returns the first document of a text, nil when it is not YAML.
func newDraft(text []byte) *draft {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil
	}
	for _, document := range file.Docs {
		if document.Body != nil {
			return &draft{body: document.Body}
		}
	}
	return &draft{}
}

func (d *draft) decode() (*Config, error) {
	c := &Config{}
	if d.body == nil {
		return c, nil
	}
	return c, yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict()).DecodeFromNode(d.body, c)
}

// clean takes out what cannot be decoded, from the first error on, and returns what is wrong
// with it, and whether there is more. Each round decodes the rest again, which bounds their number.
func (d *draft) clean(err error) (problems []ConfigProblem, more bool) {
	for round := 0; err != nil && round <= MaxConfigProblems; round++ {
		found, ok := d.explain(err)
		problems = append(problems, found...)
		if !ok {
			break
		}
		_, err = d.decode()
	}
	return problems, err != nil
}

// explain returns what an error means, and ok when it is taken out.
func (d *draft) explain(err error) (found []ConfigProblem, ok bool) {
	p := yamlProblem(err)
	if p.Line == 0 { // a time that is none: the YAML package does not say where
		found = d.drop(badDuration)
		for n := range found {
			found[n].Text = "expected " + durationWords
		}
	} else {
		found = d.drop(func(_ string, key, value *token.Token) *token.Token { return cmp.Or(ifAt(key, &p), ifAt(value, &p)) })
		for n := range found {
			found[n].Text = p.Text
		}
		if wrong, unknown := errors.AsType[*yaml.UnknownFieldError](err); unknown && len(found) > 0 {
			found = d.unknown(wrong, found[0])
		}
	}
	if len(found) == 0 {
		return []ConfigProblem{p}, false
	}
	return found, true
}

// unknown returns what is wrong with a key that nothing knows. It is as unknown in all hosts, each
// of which would cost a round.
func (d *draft) unknown(err *yaml.UnknownFieldError, first ConfigProblem) []ConfigProblem {
	shape := shapeOf("$." + first.Key)
	same := d.drop(func(path string, key, _ *token.Token) *token.Token {
		if shapeOf(path) != shape {
			return nil
		}
		return key
	})
	same = append([]ConfigProblem{first}, same...)
	for n := range same {
		same[n].Text = err.GetMessage() + suggest("$."+same[n].Key)
		same[n].Key = strings.TrimPrefix(parent("$."+same[n].Key), "$.")
		if same[n].Key == "$" {
			same[n].Key = ""
		}
	}
	return same
}

// shapeOf returns a path without the numbers in it.
func shapeOf(path string) string { return regexp.MustCompile(`\[\d+\]`).ReplaceAllString(path, "[]") }

func ifAt(t *token.Token, p *ConfigProblem) *token.Token {
	if t == nil || t.Position.Line != p.Line || t.Position.Column != p.Column {
		return nil
	}
	return t
}

// badDuration returns the value of a key that wants a time, when it is none.
func badDuration(_ string, key, value *token.Token) *token.Token {
	if key == nil || value == nil || !slices.Contains(durationKeys(), key.Value) {
		return nil
	}
	if _, err := time.ParseDuration(value.Value); err == nil {
		return nil
	}
	return value
}

func durationKeys() []string {
	return []string{
		"timeout", "interval", "reread_again", "survey_interval", "subscription_duration", "gap_lifetime", "order_window", "max_age",
		"history_age",
	}
}

// drop takes out the keys and list entries that are wrong, and returns where they stood.
func (d *draft) drop(wrong wrongness) (found []ConfigProblem) {
	if d.body != nil {
		x := dropper{wrong: wrong}
		x.in("$", d.body)
		for n := range x.found {
			d.dropped = append(d.dropped, x.found[n].Key)
			x.found[n].Key = strings.TrimPrefix(x.found[n].Key, "$.")
		}
		found = x.found
	}
	return found
}

// A wrongness returns which of the tokens of a key and its value is wrong, nil when neither is. An
// entry of a list has no key.
type wrongness func(path string, key, value *token.Token) *token.Token

type dropper struct {
	wrong wrongness
	found []ConfigProblem
}

// in looks at what is below a node.
func (x *dropper) in(path string, node ast.Node) {
	switch n := node.(type) {
	case *ast.MappingNode:
		n.Values = slices.DeleteFunc(n.Values, func(pair *ast.MappingValueNode) bool { return x.pair(path, pair) })
	case *ast.SequenceNode:
		for i, value := range n.Values {
			if at := fmt.Sprintf("%s[%d]", path, i); x.is(at, nil, value.GetToken()) {
				n.Values[i] = ast.Null(value.GetToken()) // the others keep their numbers
			} else {
				x.in(at, value)
			}
		}
	case *ast.AnchorNode:
		x.in(path, n.Value)
	case *ast.TagNode:
		x.in(path, n.Value)
	}
}

// pair says whether a key is to be taken out.
func (x *dropper) pair(path string, pair *ast.MappingValueNode) bool {
	key := pair.Key.GetToken()
	at := path + "." + key.Value
	if x.is(at, key, pair.Value.GetToken()) {
		return true
	}
	x.in(at, pair.Value)
	return false
}

func (x *dropper) is(path string, key, value *token.Token) bool {
	at := x.wrong(path, key, value)
	if at != nil {
		x.found = append(x.found, ConfigProblem{Key: path, Line: at.Position.Line, Column: at.Position.Column})
	}
	return at != nil
}

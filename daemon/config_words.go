package daemon

import (
	"errors"
	"reflect"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// yamlProblem keeps the place of what the YAML package says and what it says, in words for
// people, and none of the values, which may hold secrets.
func yamlProblem(err error) ConfigProblem {
	var located yaml.Error
	if !errors.As(err, &located) {
		return ConfigProblem{Text: "it is not YAML"}
	}
	p := ConfigProblem{Text: located.GetMessage()}
	if wrong, ok := errors.AsType[*yaml.UnexpectedNodeTypeError](err); ok {
		p.Text = "expected " + nodeWords(wrong.Expected)
	}
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		p.Text = "expected " + typeWords(wrong.DstType)
	}
	if wrong, ok := errors.AsType[*yaml.OverflowError](err); ok {
		p.Text = "expected " + typeWords(wrong.DstType)
	}
	if token := located.GetToken(); token != nil {
		p.Line, p.Column = token.Position.Line, token.Position.Column
	}
	return p
}

const durationWords = "a time with its unit, such as 30s or 10m"

// typeWords names a type of Config's fields for people who do not write Go.
func typeWords(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return durationWords
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return "a number"
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.Struct:
		return "keys and values"
	default:
		return "a text"
	}
}

func nodeWords(t ast.NodeType) string {
	switch t {
	case ast.MappingType:
		return "keys and values"
	case ast.SequenceType:
		return "a list"
	default:
		return "a text"
	}
}

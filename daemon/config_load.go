package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxConfig bounds the configuration file: 10,000 hosts take about 2 MB.
const maxConfig = 16 << 20

// ConfigError tells what is wrong with a configuration file, and where.
type ConfigError struct {
	File         string
	Line, Column int // from 1; 0 when the place is not known
	Problem      string
	More         int // further problems that were found
}

// Error returns "FILE:LINE:COLUMN: problem".
func (e *ConfigError) Error() string {
	text := e.File
	if e.Line > 0 {
		text = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	text += ": " + e.Problem
	switch {
	case e.More == 1:
		text += " (and one more problem)"
	case e.More > 1:
		text += fmt.Sprintf(" (and %d more problems)", e.More)
	}
	return text
}

// LoadConfig reads a configuration file. Keys that are not known are refused. Relative
// files in it are taken from the folder that the configuration is in. What is wrong with
// its contents is a [ConfigError].
func LoadConfig(file string) (*Config, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(text) > maxConfig {
		return nil, &ConfigError{File: file, Problem: fmt.Sprintf("the file is larger than %d bytes", maxConfig)}
	}
	c, err := ParseConfig(file, text)
	if err != nil {
		return nil, err
	}
	c.resolveFiles(filepath.Dir(file))
	return c, nil
}

// ParseConfig reads the text of a configuration; file is for errors. Files that it names
// are left as they stand.
func ParseConfig(file string, text []byte) (*Config, error) {
	c := &Config{}
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlError(file, text, err)
	}
	if err := d.Decode(&Config{}); !errors.Is(err, io.EOF) {
		return nil, &ConfigError{File: file, Problem: "a second document follows; only one is read"}
	}
	c.complete()
	problems := c.check()
	if len(problems) == 0 {
		return c, nil
	}
	first := problems[0]
	e := &ConfigError{File: file, Problem: first.path[2:] + ": " + first.err.Error(), More: len(problems) - 1}
	e.Line, e.Column = place(text, first.path)
	return nil, e
}

// yamlError keeps the place of what the YAML package says and what it says, in words for
// people, and none of the values, which may hold secrets.
func yamlError(file string, text []byte, err error) error {
	e := &ConfigError{File: file, Problem: "it is not YAML"}
	var located yaml.Error
	if !errors.As(err, &located) {
		if position := badDuration(text); position != nil {
			e.Problem, e.Line, e.Column = "expected "+durationWords, position.Line, position.Column
		}
		return e
	}
	e.Problem = located.GetMessage()
	if wrong, ok := errors.AsType[*yaml.UnexpectedNodeTypeError](err); ok {
		e.Problem = "expected " + nodeWords(wrong.Expected)
	}
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		e.Problem = "expected " + typeWords(wrong.DstType)
	}
	if wrong, ok := errors.AsType[*yaml.OverflowError](err); ok {
		e.Problem = "expected " + typeWords(wrong.DstType)
	}
	if token := located.GetToken(); token != nil {
		e.Line, e.Column = token.Position.Line, token.Position.Column
	}
	return e
}

const durationWords = "a time with its unit, such as 30s or 10m"

// typeWords names a type of Config's fields for people who do not write Go.
func typeWords(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return durationWords
	case t.Kind() == reflect.Bool:
		return "true or false"
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

func durationKeys() []string {
	return []string{
		"timeout", "interval", "reread_again", "survey_interval", "subscription_duration", "gap_lifetime", "order_window", "max_age",
		"history_age",
	}
}

// badDuration finds the first time that is none: the YAML package does not say where.
func badDuration(text []byte) *token.Position {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil
	}
	var found *token.Position
	for _, document := range file.Docs {
		for _, node := range ast.Filter(ast.MappingValueType, document) {
			pair, ok := node.(*ast.MappingValueNode)
			if !ok || found != nil {
				continue
			}
			key := pair.Key.GetToken().Value
			value, ok := pair.Value.(*ast.StringNode)
			if !ok || !slices.Contains(durationKeys(), key) {
				continue
			}
			if _, err := time.ParseDuration(value.Value); err != nil {
				found = value.GetToken().Position
			}
		}
	}
	return found
}

// place finds where a path stands in the text, or else the innermost place on the way
// there that does.
func place(text []byte, path string) (line, column int) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return 0, 0
	}
	for path != "$" && path != "" {
		if p, err := yaml.PathString(path); err == nil {
			if node, err := p.FilterFile(file); err == nil && node != nil {
				position := start(node).Position
				return position.Line, position.Column
			}
		}
		path = parent(path)
	}
	return 0, 0
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

// resolveFiles makes relative files relative to dir.
func (c *Config) resolveFiles(dir string) {
	files := []*string{
		&c.Store.File, &c.Store.Postgres.PasswordFile, &c.Listener.Certificate, &c.Listener.Key, &c.Listener.ClientCA, &c.Metrics.WebConfig,
	}
	for i := range c.Listener.Users {
		files = append(files, &c.Listener.Users[i].PasswordFile)
	}
	for i := range c.Hosts {
		files = append(files, &c.Hosts[i].PasswordFile, &c.Hosts[i].CA)
	}
	for _, f := range files {
		if *f != "" && !filepath.IsAbs(*f) {
			*f = filepath.Join(dir, *f)
		}
	}
}

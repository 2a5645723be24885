// Command valuegen writes the value maps of a CIM schema in the form that package mof
// embeds. It reads the schema from the zip file that the DMTF publishes:
//
//	CIMWATCH_SCHEMA=cim_schema_2.49.0Final-MOFs.zip go generate ./mof
package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

func main() {
	schema := flag.String("schema", os.Getenv("CIMWATCH_SCHEMA"), "zip `file` of the schema (environment CIMWATCH_SCHEMA)")
	out := flag.String("o", "builtin_values.txt", "`file` to write")
	flag.Parse()
	if err := run(*schema, *out); err != nil {
		fmt.Fprintln(os.Stderr, "valuegen:", err)
		os.Exit(1)
	}
}

func run(schema, out string) error {
	if schema == "" {
		return errors.New("no schema: name its zip file with -schema or in CIMWATCH_SCHEMA")
	}
	text, err := os.ReadFile(schema)
	if err != nil {
		return err
	}
	r, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return fmt.Errorf("%s: %w", schema, err)
	}
	roots, err := fs.Glob(r, "cim_schema_*.mof")
	if err != nil {
		return err
	}
	if len(roots) != 1 {
		return fmt.Errorf("%s: expected one cim_schema_*.mof, found %d", schema, len(roots))
	}
	s, err := mof.CompileFS(r, roots, nil)
	if err != nil {
		return fmt.Errorf("compiling %s: %w", schema, err)
	}
	version := strings.TrimSuffix(strings.TrimPrefix(roots[0], "cim_schema_"), ".mof")
	return os.WriteFile(out, table(s, version), 0o644)
}

// table returns the lines that mof's builtinText explains.
func table(s *mof.Schema, version string) []byte {
	w := &writer{schema: s, numbers: make(map[string]int), written: make(map[string]bool)}
	for _, name := range s.ClassNames() {
		w.class(name)
	}
	head := "# Value maps of the DMTF CIM schema " + version + ". Made by valuegen, do not edit.\n"
	return append(append([]byte(head), w.maps.Bytes()...), w.classes.Bytes()...)
}

type writer struct {
	schema        *mof.Schema
	maps, classes bytes.Buffer
	numbers       map[string]int // of the lines in maps
	written       map[string]bool
}

// class writes a class behind its superclass, and only when it or an ancestor has maps:
// the name of any other says nothing.
func (w *writer) class(name string) bool {
	if done, seen := w.written[name]; seen {
		return done
	}
	c := w.schema.Local(name)
	super := "-"
	if c.SuperClass != "" && w.class(c.SuperClass) {
		super = c.SuperClass
	}
	var line strings.Builder
	line.WriteString(name + " " + super)
	some := super != "-"
	for i := range c.Properties {
		p := &c.Properties[i]
		if text := mapLine(p); text != "" {
			line.WriteString("\t" + p.Name + " " + strconv.Itoa(w.number(text)))
			some = true
		}
	}
	w.written[name] = some
	if some {
		w.classes.WriteString(line.String() + "\n")
	}
	return some
}

func (w *writer) number(line string) int {
	n, ok := w.numbers[line]
	if !ok {
		n = len(w.numbers)
		w.numbers[line] = n
		w.maps.WriteString(line + "\n")
	}
	return n
}

// mapLine returns the map of a property, "" when it has none that can be used.
func mapLine(p *cim.Property) string {
	values := texts(p, "Values")
	keys := texts(p, "ValueMap")
	if values == nil {
		return ""
	}
	if _, err := mof.NewValueMap(p.Value.Type(), keys, values); err != nil {
		return ""
	}
	var line strings.Builder
	line.WriteString("= " + p.Value.Type().String())
	next := 0
	for i, meaning := range values {
		key := strconv.Itoa(i)
		if keys != nil {
			key = strings.TrimSpace(keys[i])
		}
		line.WriteByte('\t')
		if key != strconv.Itoa(next) || strings.Contains(meaning, "=") {
			line.WriteString(key + "=")
		}
		line.WriteString(strings.Join(strings.Fields(meaning), " "))
		if n, err := strconv.Atoi(key); err == nil {
			next = n + 1
		}
	}
	return line.String()
}

func texts(p *cim.Property, qualifier string) []string {
	q := p.Qualifier(qualifier)
	if q == nil || q.Value.IsNull() {
		return nil
	}
	list := make([]string, 0, q.Value.Len())
	for _, e := range q.Value.Elements() {
		s, _ := e.Text()
		list = append(list, s)
	}
	return list
}

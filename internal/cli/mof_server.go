package cli

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// serverSchema reads the qualifier types and the classes of a namespace of a CIM server and
// compiles them.
func serverSchema(ctx context.Context, env *Env, connection *connectionFlags, server string) (*mof.Schema, error) {
	s, err := connection.client(ctx, env, server)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	text, err := serverMOF(ctx, env, s)
	if err != nil {
		return nil, err
	}
	schema, err := mof.Compile([]mof.Source{{Name: "MOF of " + server, Text: text}}, &mof.Options{Namespace: s.namespace})
	if err != nil {
		return nil, fmt.Errorf("compile what the server declares: %w", err)
	}
	return schema, nil
}

// serverMOF returns what a namespace declares as MOF. Classes are asked for one after another,
// some at a time: some servers break down when they are asked for all at once (seen: sfcb).
func serverMOF(ctx context.Context, env *Env, s *session) ([]byte, error) {
	var b bytes.Buffer
	for q, err := range s.EnumerateQualifiers(ctx, "") {
		if err != nil {
			return nil, err
		}
		if err := mof.WriteQualifierType(&b, *q); err != nil {
			return nil, err
		}
	}
	names, err := s.EnumerateClassNames(ctx, "", "", true)
	if err != nil {
		return nil, err
	}
	classes, err := getClasses(ctx, env, s, names)
	if err != nil {
		return nil, err
	}
	for _, class := range classes {
		if err := mof.WriteClass(&b, class); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// getClasses asks for classes, four at a time.
func getClasses(ctx context.Context, env *Env, s *session, names []string) ([]*cim.Class, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	arrived := env.newProgress("classes", true)
	defer arrived.end()
	classes := make([]*cim.Class, len(names))
	turns := make(chan struct{}, 4)
	var work sync.WaitGroup
	var shown sync.Mutex // protects arrived
	for i, name := range names {
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		work.Go(func() {
			defer func() { <-turns }()
			class, err := s.GetClass(ctx, "", name, &cim.ReadOptions{LocalOnly: true, IncludeQualifiers: true})
			if err != nil {
				cancel(err)
				return
			}
			classes[i] = class
			shown.Lock()
			arrived.add()
			shown.Unlock()
		})
	}
	work.Wait()
	return classes, context.Cause(ctx)
}

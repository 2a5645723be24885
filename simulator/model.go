package simulator

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"slices"

	"github.com/cimwatch/cimwatch/mof"
)

// Model is what a server simulates: classes with instances, and a scenario for them. A
// server changes nothing in it, so several may share one.
type Model struct {
	Schema *mof.Schema
	Steps  []Step // in the order in which they make sense; may be empty
}

// Step is a named part of a scenario.
type Step struct {
	Name  string // "case-opened", for programs
	Title string // "the case is opened", for people
	Do    func(ctx context.Context, s *Server) error
}

//go:embed esxi/*.mof
var esxi embed.FS

// Files returns the MOF files of the built-in model, which files of a model of one's own
// may include: "esxi.mof" is the model, the others are named at [LoadModel].
func Files() (fs.FS, error) { return fs.Sub(esxi, "esxi") }

// ESXi returns the built-in model: a VMware ESXi host with its sensors, fans, power
// supplies, memory, a RAID volume and the rest, and a scenario in which they fail and
// recover.
func ESXi() (*Model, error) {
	files, err := Files()
	if err != nil {
		return nil, err
	}
	schema, err := mof.CompileFS(files, []string{"esxi.mof"}, nil)
	if err != nil {
		return nil, err
	}
	return &Model{Schema: schema, Steps: esxiSteps()}, nil
}

// LoadModel compiles a model from files or patterns of fsys. They may include the files
// of the built-in model: "qualifiers.mof", "core.mof", "hardware.mof", "indications.mof",
// "alerts.mof", "interop.mof", "profiles.mof" and "control.mof".
//
// What a server needs to be subscribed at is added from there where the files do not
// declare it: the standard classes of indications for lack of CIM_Indication
// (indications.mof), those of filters, handlers, subscriptions and namespaces for lack of
// CIM_IndicationFilter (interop.mof), and CIMWATCH_Simulator with its instance
// (control.mof); each with the ancestors and qualifiers it needs. Nothing is added when
// that conflicts with what the files declare. The error is a [mof.ErrorList], or that a
// file cannot be read.
func LoadModel(fsys fs.FS, files ...string) (*Model, error) {
	builtin, err := Files()
	if err != nil {
		return nil, err
	}
	all := overlay{fsys, builtin}
	schema, err := mof.CompileFS(all, files, nil)
	if extra := missingFiles(schema); len(extra) > 0 {
		with, errWith := mof.CompileFS(all, append(slices.Clip(files), extra...), nil)
		// What conflicts is a schema of its own, such as the DMTF's.
		if errWith == nil || err != nil && problems(errWith) < problems(err) {
			schema, err = with, errWith
		}
	}
	if err != nil {
		return nil, err
	}
	return &Model{Schema: schema}, nil
}

// missingFiles returns the files of the built-in model that declare what a schema lacks;
// all of them for nil.
func missingFiles(schema *mof.Schema) []string {
	var extra []string
	for _, need := range []struct{ class, file string }{
		{indicationClass, "indications.mof"}, {filterClass, "interop.mof"}, {controlClass, "control.mof"},
	} {
		if schema == nil || schema.Class(need.class) == nil {
			extra = append(extra, need.file)
		}
	}
	return extra
}

func problems(err error) int {
	if list, ok := errors.AsType[mof.ErrorList](err); ok {
		return len(list)
	}
	return 1
}

// overlay is a file system with another behind it.
type overlay struct{ front, back fs.FS }

// Open opens a file of the front, or of the back when the front has none of that name.
func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.front.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.back.Open(name)
	}
	return f, err
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The bounds of what commands read as MOF, over all arguments together.
const (
	maxMOFBytes = 64 << 20 // what package mof takes
	maxMOFFiles = 20_000   // the DMTF schema has about 1,650
)

// stdinMOF is what messages call standard input.
const stdinMOF = "<stdin>"

// mofHelp says what commands take as MOF.
const mofHelp = `FILE is a MOF file, a zip file of them, a folder, of which all files that end in .mof are taken, also
those further down, or - for standard input. Files may include each other and the standard ones of
the simulator, such as qualifiers.mof. Where none declares a qualifier, the standard ones are known.`

// mofReader finds the files that arguments name.
type mofReader struct {
	env  *Env
	tree *mofTree
	jobs []mofJob
}

// mofJob reads one file; it may run beside others.
type mofJob struct {
	path string // in the tree
	read func(budget *mofBudget) ([]byte, error)
}

// readMOF reads files, folders, zip files and standard input, and what is there for them: a file
// that is among both counts to the first. What is only included is read when it is compiled.
func readMOF(ctx context.Context, env *Env, files, schema []string) (*mofTree, error) {
	tree, err := newMOFTree(slices.Concat(files, schema))
	if err != nil {
		return nil, err
	}
	r := &mofReader{env: env, tree: tree}
	first := 0
	for n, name := range slices.Concat(files, schema) {
		if n == len(files) {
			first = len(r.jobs)
		}
		if err := r.argument(ctx, name); err != nil {
			return nil, fmt.Errorf("read MOF: %w", err)
		}
	}
	if len(schema) == 0 {
		first = len(r.jobs)
	}
	arrived := env.newProgress("MOF files", true)
	defer arrived.end()
	all, err := runMOFJobs(ctx, tree, r.jobs, arrived)
	if err != nil {
		return nil, fmt.Errorf("read MOF: %w", err)
	}
	tree.files, tree.used = tree.includedLast(all[:first]), tree.includedLast(all[first:])
	return tree, nil
}

// argument adds what one argument names.
func (r *mofReader) argument(ctx context.Context, name string) error {
	if name == "-" {
		return r.add(mofJob{path: stdinMOF, read: func(b *mofBudget) ([]byte, error) { return readStdin(ctx, r.env.Stdin, b) }})
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	inTree := r.tree.place(name)
	switch {
	case info.IsDir():
		return r.folder(name, inTree)
	case !info.Mode().IsRegular() && isMOFArchive(name):
		return fmt.Errorf("%s is not a regular file", name)
	case isMOFArchive(name):
		return r.archive(name, inTree)
	default:
		return r.add(mofJob{path: inTree, read: fileReader(name, info.Size())})
	}
}

// add adds a file, once however often it is named.
func (r *mofReader) add(job mofJob) error {
	if _, known := r.tree.texts[job.path]; known {
		return nil
	}
	if len(r.jobs) == maxMOFFiles {
		return fmt.Errorf("more than %d files", maxMOFFiles)
	}
	r.tree.texts[job.path] = nil // is read later
	r.jobs = append(r.jobs, job)
	return nil
}

// folder adds the MOF files below a folder. Links are not followed, nor is what is hidden.
func (r *mofReader) folder(name, inTree string) error {
	before := len(r.jobs)
	err := filepath.WalkDir(name, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != name && isHidden(file):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || !isMOFName(file):
			return nil
		}
		below, err := filepath.Rel(name, file)
		if err != nil {
			return err
		}
		var size int64
		if info, err := entry.Info(); err == nil {
			size = info.Size()
		}
		return r.add(mofJob{path: path.Join(inTree, filepath.ToSlash(below)), read: fileReader(file, size)})
	})
	if err == nil && len(r.jobs) == before {
		err = fmt.Errorf("the folder %s has no files that end in .mof", name)
	}
	r.tree.bases = append(r.tree.bases, inTree)
	return err
}

func isMOFName(name string) bool    { return strings.EqualFold(path.Ext(filepath.ToSlash(name)), ".mof") }
func isMOFArchive(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

// isHidden tells what systems put beside files, such as .git and ._x.mof.
func isHidden(file string) bool {
	base := filepath.Base(file)
	return strings.HasPrefix(base, ".") && base != "." && base != ".."
}

func fileReader(name string, size int64) func(*mofBudget) ([]byte, error) {
	return func(b *mofBudget) ([]byte, error) {
		var in io.ReadCloser
		in, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		return b.readAll(name, in, size)
	}
}

// readStdin reads to the end of standard input. When ctx ends, the reading goroutine stays
// behind for the little time the process has left.
func readStdin(ctx context.Context, stdin io.Reader, b *mofBudget) ([]byte, error) {
	if stdin == nil {
		return nil, errors.New("there is no standard input")
	}
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := b.readAll(stdinMOF, stdin, 0)
		answers <- answer{text, err}
	}()
	select {
	case got := <-answers:
		return got.text, got.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/simulator"
)

// mofTree is a file system of MOF: the files that arguments name, held in memory; behind them the
// disk, for what is only included; behind that the standard files of the simulator. A member of a
// zip file is below the path of the zip file.
type mofTree struct {
	texts map[string][]byte
	files []string // that are looked at, in the order in which they are compiled
	used  []string // that are there for them: what --schema names
	bases []string // folders and zip files: where includes may be counted from

	namespace string // of what stands before any namespace pragma

	disk    fs.FS
	builtin fs.FS
	root    string            // the folder of the disk that the tree starts at
	given   map[string]string // arguments by their place in the tree
}

// newMOFTree returns a tree that holds all of names: it starts at the working directory where all
// are below it, else at the top of the disk.
func newMOFTree(names []string) (*mofTree, error) {
	builtin, err := simulator.Files()
	if err != nil {
		return nil, err
	}
	t := &mofTree{
		texts: make(map[string][]byte), given: make(map[string]string), builtin: builtin, root: ".",
	}
	for _, name := range names {
		if !filepath.IsLocal(name) {
			t.root = string(filepath.Separator)
		}
	}
	t.disk = os.DirFS(t.root)
	return t, nil
}

// place returns where a file or folder is in the tree.
func (t *mofTree) place(name string) string {
	full := name
	if t.root != "." {
		if abs, err := filepath.Abs(name); err == nil {
			full = strings.TrimPrefix(abs, t.root)
		}
	}
	inTree := filepath.ToSlash(filepath.Clean(full))
	t.given[inTree] = filepath.Clean(name)
	return inTree
}

// shown returns how messages name a file of the tree: the way its argument was written.
func (t *mofTree) shown(inTree string) string {
	if t.root == "." || inTree == stdinMOF {
		return inTree
	}
	for at := inTree; ; at = path.Dir(at) {
		if name, ok := t.given[at]; ok {
			return filepath.Join(name, strings.TrimPrefix(inTree, at))
		}
		if at == "." || at == "/" {
			break
		}
	}
	for at, name := range t.given {
		if dir := path.Dir(at); dir == path.Dir(inTree) {
			return filepath.Join(filepath.Dir(name), path.Base(inTree))
		}
	}
	if _, err := fs.Stat(t.builtin, inTree); err == nil {
		return inTree
	}
	return t.root + inTree
}

// Open makes a mofTree an fs.FS. A path that is not there may count from a folder or zip file, as
// those in large schemas do; that file is compiled under its own name, and empty here.
func (t *mofTree) Open(name string) (fs.File, error) {
	if text, ok := t.texts[name]; ok {
		return newMemoryFile(name, text), nil
	}
	info, err := fs.Stat(t.disk, name) // first, as opening a pipe would wait for who writes to it
	switch {
	case err == nil && !info.Mode().IsRegular() && !info.IsDir():
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("it is not a regular file")}
	case err == nil:
		return t.disk.Open(name)
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	}
	// It does not exist, or the disk has a zip file where the path has a folder.
	for _, base := range t.bases {
		if _, ok := t.texts[path.Join(base, name)]; ok {
			return newMemoryFile(name, nil), nil
		}
	}
	return t.builtin.Open(name)
}

// Glob makes a mofTree an fs.GlobFS: its files are named, and never by patterns.
func (t *mofTree) Glob(pattern string) ([]string, error) { return []string{pattern}, nil }

// includedLast returns files in the order in which they are compiled: those first that include
// others and no other includes, then the others of these, then the rest. A file goes where it is
// included, with the namespace in force there.
func (t *mofTree) includedLast(files []string) []string {
	including := make(map[string]bool)
	for _, file := range files {
		if hasPragma(t.texts[file]) {
			including[file] = true
		}
	}
	var included map[string]bool
	if len(including) > 1 {
		included = t.includedBy(including)
	}
	var first, second, rest []string
	for _, file := range files {
		switch {
		case including[file] && !included[file]:
			first = append(first, file)
		case including[file]:
			second = append(second, file)
		default:
			rest = append(rest, file)
		}
	}
	return slices.Concat(first, second, rest)
}

// includedBy returns every path that includes of files may mean.
func (t *mofTree) includedBy(files map[string]bool) map[string]bool {
	included := make(map[string]bool)
	for file := range files {
		for _, m := range includePragma.FindAllSubmatch(t.texts[file], -1) {
			wanted := strings.ReplaceAll(string(m[1]), `\`, "/")
			for _, base := range append([]string{path.Dir(file), "."}, t.bases...) {
				if target := path.Join(base, wanted); target != file {
					included[target] = true
				}
			}
		}
	}
	return included
}

// includePragma need not know comments: a file too many is sorted to the back, no more.
var includePragma = regexp.MustCompile(`(?i)#\s*pragma\s+include\s*\(\s*"([^"]*)"`)

func hasPragma(text []byte) bool {
	for {
		n := bytes.IndexByte(text, '#')
		if n < 0 {
			return false
		}
		text = text[n+1:]
		if word := bytes.TrimLeft(text, " \t"); len(word) > 6 && bytes.EqualFold(word[:6], []byte("pragma")) {
			return true
		}
	}
}

func newMemoryFile(name string, text []byte) *memoryFile {
	return &memoryFile{Reader: *bytes.NewReader(text), name: path.Base(name), size: int64(len(text))}
}

// memoryFile is an open file of a mofTree.
type memoryFile struct {
	bytes.Reader

	name string
	size int64
}

// Stat returns what is known of the file.
func (f *memoryFile) Stat() (fs.FileInfo, error) { return f, nil }

// Close does nothing.
func (f *memoryFile) Close() error { return nil }

// Name returns the file's name without its folder.
func (f *memoryFile) Name() string { return f.name }

// Size returns the number of bytes.
func (f *memoryFile) Size() int64 { return f.size }

// Mode says that it can be read.
func (f *memoryFile) Mode() fs.FileMode { return 0o444 }

// ModTime is not known.
func (f *memoryFile) ModTime() time.Time { return time.Time{} }

// IsDir returns false.
func (f *memoryFile) IsDir() bool { return false }

// Sys returns nil.
func (f *memoryFile) Sys() any { return nil }

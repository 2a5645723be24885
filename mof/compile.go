package mof

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

// DefaultNamespace is where instances go that no namespace pragma places.
const DefaultNamespace = "root/cimv2"

const (
	defaultMaxErrors = 1000
	defaultMaxSize   = 64 << 20
	largestMaxSize   = 1 << 30 // so that a pos holds any place
	bytesPerWord     = 16      // sources have fewer words than MaxSize by this; the DMTF schema has 17 bytes a word
	leastWords       = 1 << 16
)

// Source is a text in MOF. Its name stands in messages, and files that it includes are
// looked for beside it.
type Source struct {
	Name string
	Text []byte
}

// Options change how sources are compiled. A nil *Options is a zero Options.
type Options struct {
	FS        fs.FS   // where #pragma include finds files; nil: includes are errors
	Search    []fs.FS // where it looks next, in this order, for what FS has not
	Namespace string  // of what stands before any namespace pragma; "" is DefaultNamespace
	MaxErrors int     // how many are reported; 0 is 1000
	MaxSize   int     // bytes of all sources together, and 16 times their words; 0 is 64 MiB, the most is 1 GiB

	// Warn is called, in the order of the sources, with what is legal and probably not
	// meant, after everything compiled. nil: nobody is told.
	Warn func(*Error)
}

// compiler holds what one compilation collects before it is a Schema.
type compiler struct {
	opts    Options
	names   *names
	files   fileSet
	errors  reporter
	warning reporter

	size     int // of all sources so far
	tooLarge bool
	included map[filePlace]bool
	stack    []filePlace // files being read, outermost first
	tokens   []token     // reused from source to source
	words    int         // that sources may still have
	buf      []byte      // of reading files
	slabs    slabs

	qualifiers map[*symbol]*qualifierType
	qualOrder  []*qualifierType
	classes    map[*symbol]*class
	order      []*class
	instances  []*instance
	aliases    map[*symbol]*instance
	paths      map[string]*instance
	references []textReference
	late       []lateDefault

	out cimSlabs
}

// Compile compiles sources as one: what stands in one may use what stands in any other,
// in any order. The error is an ErrorList of everything that is wrong.
func Compile(sources []Source, opts *Options) (*Schema, error) {
	c := newCompiler(opts)
	for _, s := range sources {
		c.source(filePlace{path: s.Name}, string(s.Text), c.opts.Namespace)
	}
	return c.finish()
}

// CompileFS compiles files of fsys, such as an embed.FS or os.DirFS. Each pattern is a
// path or a pattern of [fs.Glob]; one that matches nothing is an error. Without patterns
// it compiles the files *.mof at the root, which may include others, and where there are
// none those of all folders; files and folders whose names begin with a dot, which systems
// put beside files, are left out. Includes are read from fsys too unless opts names another.
//
// Files of a folder that others can write to are safest read from [os.Root]: os.DirFS
// follows symbolic links out of the folder.
func CompileFS(fsys fs.FS, patterns []string, opts *Options) (*Schema, error) {
	c := newCompiler(opts)
	if c.opts.FS == nil {
		c.opts.FS = fsys
	}
	if len(patterns) == 0 {
		patterns = c.sources(fsys)
	}
	for _, pattern := range patterns {
		for _, file := range c.match(fsys, pattern) {
			c.file(fsys, file)
		}
	}
	return c.finish()
}

// sources finds the files to compile where none are named.
func (c *compiler) sources(fsys fs.FS) []string {
	if top, err := fs.Glob(fsys, "*.mof"); err == nil {
		if top = slices.DeleteFunc(top, isHidden); len(top) > 0 {
			return top
		}
	}
	var all []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case isHidden(name) && d.IsDir():
			return fs.SkipDir
		case !isHidden(name) && !d.IsDir() && strings.EqualFold(path.Ext(name), ".mof"):
			all = append(all, name)
		}
		return nil
	})
	if err == nil && len(all) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		c.unreadable("*.mof", err)
	}
	return all
}

// isHidden tells what systems put beside files, such as .git and ._x.mof.
func isHidden(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") && base != "."
}

// match leaves paths alone: a file that cannot be read is an error of its own, not one
// that does not match.
func (c *compiler) match(fsys fs.FS, pattern string) []string {
	if !strings.ContainsAny(pattern, `*?[\`) {
		return []string{pattern}
	}
	paths, err := fs.Glob(fsys, pattern)
	if err == nil && len(paths) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		c.unreadable(pattern, err)
	}
	return paths
}

func newCompiler(opts *Options) *compiler {
	c := &compiler{
		names:      newNames(),
		included:   make(map[filePlace]bool),
		qualifiers: make(map[*symbol]*qualifierType),
		classes:    make(map[*symbol]*class),
		aliases:    make(map[*symbol]*instance),
		paths:      make(map[string]*instance),
	}
	if opts != nil {
		c.opts = *opts
	}
	if c.opts.Namespace = cim.CleanNamespace(c.opts.Namespace); c.opts.Namespace == "" {
		c.opts.Namespace = DefaultNamespace
	}
	if c.opts.MaxErrors <= 0 {
		c.opts.MaxErrors = defaultMaxErrors
	}
	if c.opts.MaxSize <= 0 {
		c.opts.MaxSize = defaultMaxSize
	}
	c.opts.MaxSize = min(c.opts.MaxSize, largestMaxSize)
	c.words = max(c.opts.MaxSize/bytesPerWord, leastWords)
	c.errors = reporter{files: &c.files, limit: c.opts.MaxErrors}
	c.warning = reporter{files: &c.files, limit: c.opts.MaxErrors}
	return c
}

// finish resolves and checks what the sources declare.
func (c *compiler) finish() (*Schema, error) {
	c.resolveQualifierTypes()
	c.linkClasses()
	for _, cl := range c.byDepth() {
		c.resolveClass(cl)
	}
	c.resolveLateDefaults()
	s := c.schema()
	c.resolveInstances(s)
	if errs := c.errors.list(); errs != nil {
		return nil, errs
	}
	if c.opts.Warn != nil {
		c.warnValueMaps()
	}
	for _, cl := range c.order {
		cl.decl, cl.index = nil, nil // what only the compiler needs
	}
	if c.opts.Warn != nil {
		for _, w := range c.warning.list() {
			c.opts.Warn(w)
		}
	}
	return s, nil
}

// source parses a text and takes in its declarations. Text that its author declares to
// be in a namespace of its own goes there, up to the end of the source.
func (c *compiler) source(at filePlace, text, namespace string) {
	if c.tooLarge {
		return // which has been said
	}
	if len(text) > c.opts.MaxSize-c.size {
		c.refuse(at)
		return
	}
	c.size += len(text)
	f := c.files.add(at.path, text)
	if bad := invalidUTF8(f.text); bad >= 0 {
		if strings.HasPrefix(f.text, "\xFF\xFE") || strings.HasPrefix(f.text, "\xFE\xFF") {
			c.errors.errorf(f.base, "the source is in UTF-16, expected UTF-8")
		} else {
			c.errors.errorf(f.base+pos(bad), "byte 0x%02X is not UTF-8, expected the source in UTF-8", f.text[bad])
		}
		return
	}
	c.stack = append(c.stack, at)
	defer func() { c.stack = c.stack[:len(c.stack)-1] }()

	// The tokens of this source are in use while it includes others.
	buf := c.tokens
	c.tokens = nil
	p := &parser{text: f.text, base: f.base, report: &c.errors, slabs: c.slabs}
	p.tokens = scan(f, c.names, &c.errors, buf[:0], c.words)
	if c.words -= len(p.tokens) - 1; c.words < 0 {
		c.tooLarge = true
		return
	}
	var list []declaration
	p.file(func(d declaration) { list = append(list, d) })
	c.tokens, c.slabs = p.tokens, p.slabs
	for _, d := range list {
		c.declare(d, &namespace)
	}
}

func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

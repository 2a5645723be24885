package mof

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// maxIncludeDepth bounds files that include files.
const maxIncludeDepth = 32

// place of a file: in which root, 0 for Options.FS, and its path there.
type filePlace struct {
	root int
	path string
}

// include compiles another file at the place of the pragma. The file is looked for
// beside the source that includes it, then at the root of Options.FS and those of
// Options.Search. It cannot lie outside of them: an [fs.FS] has no paths that do. A file
// is compiled once, however often it is included.
func (c *compiler) include(d *pragma, namespace string) {
	wanted := strings.ReplaceAll(d.param.text, `\`, "/")
	if path.Clean(wanted) == "." {
		c.errors.errorf(d.param.pos, "cannot include %q, expected the path of a file", clip(d.param.text))
		return
	}
	if c.opts.FS == nil {
		c.errors.errorf(d.param.pos, "cannot include %q, expected one source without includes", clip(wanted))
		return
	}
	if len(c.stack) > maxIncludeDepth {
		c.errors.errorf(d.param.pos, "cannot include %q, expected at most %d includes inside each other", clip(wanted), maxIncludeDepth)
		return
	}
	places := c.places(wanted)
	for _, at := range places {
		if found := c.includeFrom(at, d, namespace); found {
			return
		}
	}
	if len(places) == 0 {
		c.errors.errorf(d.param.pos, "cannot include %q, expected a path inside the folder of the sources", clip(wanted))
		return
	}
	c.errors.errorf(d.param.pos, "cannot include %q: there is no such file", clip(wanted))
}

// places returns where a file that the current source includes may be, in the order in
// which it is looked for.
func (c *compiler) places(wanted string) (list []filePlace) {
	from := c.stack[len(c.stack)-1]
	add := func(at filePlace) {
		if fs.ValidPath(at.path) && !path.IsAbs(wanted) && !slices.Contains(list, at) {
			list = append(list, at)
		}
	}
	add(filePlace{from.root, path.Join(path.Dir(from.path), wanted)})
	wanted = path.Clean(wanted)
	for root := range 1 + len(c.opts.Search) {
		add(filePlace{root, wanted})
	}
	return list
}

// includeFrom includes the file at a place; found is false where there is none.
func (c *compiler) includeFrom(at filePlace, d *pragma, namespace string) (found bool) {
	if slices.Contains(c.stack, at) {
		c.errors.errorf(d.param.pos, "%s includes itself", c.chain(at))
		return true
	}
	if c.included[at] {
		return true
	}
	fsys := c.opts.FS
	if at.root > 0 {
		fsys = c.opts.Search[at.root-1]
	}
	text, err := c.read(fsys, at.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false
	case errors.Is(err, errTooLarge):
		c.refuse(at)
	case err != nil:
		c.errors.errorf(d.param.pos, "cannot include %q: %v", clip(d.param.text), err)
	default:
		c.included[at] = true
		c.source(at, text, namespace)
	}
	return true
}

// chain lists the files being read and one more.
func (c *compiler) chain(last filePlace) string {
	var text strings.Builder
	for _, at := range c.stack {
		text.WriteString(at.path + " -> ")
	}
	return text.String() + last.path
}

func (c *compiler) file(fsys fs.FS, file string) {
	at := filePlace{path: file}
	if c.included[at] {
		return
	}
	c.included[at] = true
	switch text, err := c.read(fsys, file); {
	case errors.Is(err, errTooLarge):
		c.refuse(at)
	case err != nil:
		c.unreadable(file, err)
	default:
		c.source(at, text, c.opts.Namespace)
	}
}

var errTooLarge = errors.New("the sources are too large")

// refuse says that a file is too much for all sources together, which ends reading.
func (c *compiler) refuse(at filePlace) {
	c.tooLarge = true
	f := c.files.addWhole(at.path)
	c.errors.errorf(f.base, "the sources have more than %d bytes together", c.opts.MaxSize)
}

func (c *compiler) unreadable(file string, err error) {
	f := c.files.addWhole(file)
	if errors.Is(err, fs.ErrNotExist) {
		c.errors.errorf(f.base, "there is no such file")
		return
	}
	c.errors.errorf(f.base, "cannot read the file: %v", err)
}

// read reads a file, and nothing more when the sources are too large already: however
// many files there are, no more than twice their limit is read.
func (c *compiler) read(fsys fs.FS, file string) (string, error) {
	if c.tooLarge {
		return "", nil
	}
	if c.buf == nil {
		c.buf = make([]byte, 32<<10)
	}
	return readFile(fsys, file, c.opts.MaxSize-c.size, c.buf)
}

// maxTrusted bounds what is taken on the word of a file system about a size.
const maxTrusted = 1 << 20

// readFile reads at most one byte more than limit, which is enough to see that it is
// too large, and nothing of what says that it is.
func readFile(fsys fs.FS, file string, limit int, buf []byte) (string, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", errors.New("it is a folder")
	}
	if info.Size() > int64(limit) {
		return "", errTooLarge
	}
	var text strings.Builder
	in := io.LimitReader(f, int64(limit)+1)
	for _, part := range []int64{maxTrusted, math.MaxInt64} {
		text.Grow(int(max(0, min(info.Size()-int64(text.Len()), part))))
		if _, err := io.CopyBuffer(&text, io.LimitReader(in, part), buf); err != nil {
			return "", err
		}
	}
	return text.String(), nil
}

// namespace reads the parameter of a namespace pragma: a namespace, or the URL of one,
// of which host and scheme do not count.
func (c *compiler) namespace(d *pragma, namespace *string) {
	text := strings.ReplaceAll(d.param.text, `\`, "/")
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = "//" + rest
	}
	if strings.HasPrefix(text, "//") {
		_, text, _ = strings.Cut(text[2:], "/")
	}
	text = cim.CleanNamespace(text)
	if text == "" || strings.ContainsAny(text, " \t\r\n\"':;,") {
		c.errors.errorf(d.param.pos, "%q is not a namespace, expected a name such as root/cimv2", clip(d.param.text))
		return
	}
	*namespace = text
}

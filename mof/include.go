package mof

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// maxIncludeDepth bounds files that include files.
const maxIncludeDepth = 32

// include compiles another file at the place of the pragma. The file is looked for
// beside the source that includes it, then at the root of Options.FS. It cannot lie
// outside that root: an [fs.FS] has no paths that do. A file is compiled once, however
// often it is included.
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
	inside := false
	for _, dir := range []string{path.Dir(c.stack[len(c.stack)-1]), "."} {
		file := path.Join(dir, wanted)
		if !fs.ValidPath(file) || path.IsAbs(wanted) {
			continue
		}
		inside = true
		text, err := readFile(c.opts.FS, file, c.opts.MaxSize)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			c.errors.errorf(d.param.pos, "cannot include %q: %v", clip(wanted), err)
			return
		}
		c.includeText(d, file, text, namespace)
		return
	}
	if !inside {
		c.errors.errorf(d.param.pos, "cannot include %q, expected a path inside the folder of the sources", clip(wanted))
		return
	}
	c.errors.errorf(d.param.pos, "cannot include %q: there is no such file", clip(wanted))
}

func (c *compiler) includeText(d *pragma, file string, text []byte, namespace string) {
	if slices.Contains(c.stack, file) {
		c.errors.errorf(d.param.pos, "%s includes itself", strings.Join(append(c.stack, file), " -> "))
		return
	}
	if c.included[file] {
		return
	}
	c.included[file] = true
	c.source(file, text, namespace)
}

func (c *compiler) file(fsys fs.FS, file string) {
	if c.included[file] {
		return
	}
	c.included[file] = true
	text, err := readFile(fsys, file, c.opts.MaxSize)
	if err != nil {
		c.unreadable(file, err)
		return
	}
	c.source(file, text, c.opts.Namespace)
}

func (c *compiler) unreadable(file string, err error) {
	f := c.files.addWhole(file)
	if errors.Is(err, fs.ErrNotExist) {
		c.errors.errorf(f.base, "there is no such file")
		return
	}
	c.errors.errorf(f.base, "cannot read the file: %v", err)
}

// maxTrusted bounds what is taken on the word of a file system about a size.
const maxTrusted = 1 << 20

// readFile reads at most one byte more than limit, which is enough to see that it is
// too large.
func readFile(fsys fs.FS, file string, limit int) ([]byte, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder")
	}
	var text bytes.Buffer
	text.Grow(int(max(0, min(info.Size(), int64(limit), maxTrusted))) + bytes.MinRead) // with room to see the end
	_, err = text.ReadFrom(io.LimitReader(f, int64(limit)+1))
	return text.Bytes(), err
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

package mof

import (
	"archive/zip"
	"fmt"
	"io"
)

// CompileZip compiles files of a zip archive of size bytes, such as the one in which the
// DMTF publishes its schema. Patterns and includes are those of [CompileFS], within the
// archive.
//
// What is unpacked counts toward Options.MaxSize, and reading ends there, whatever the
// archive says of the sizes of its files. The archive itself may have a quarter of
// MaxSize.
func CompileZip(r io.ReaderAt, size int64, patterns []string, opts *Options) (*Schema, error) {
	most := newCompiler(opts).opts.MaxSize / 4
	if size > int64(most) {
		return nil, fmt.Errorf("the archive has %d bytes, expected at most %d", size, most)
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	return CompileFS(archive, patterns, opts)
}

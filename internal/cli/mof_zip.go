package cli

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"strings"
)

// archive adds the MOF files of a zip file, which are unpacked side by side. The zip file
// itself has a bound, as what it unpacks to has.
func (r *mofReader) archive(name, inTree string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	packed, err := fileReader(name, info.Size())(newMOFBudget())
	if err != nil {
		return err
	}
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return &fs.PathError{Op: "unpack", Path: name, Err: err}
	}
	before := len(r.jobs)
	for _, member := range z.File {
		inside := strings.ReplaceAll(member.Name, `\`, "/")
		if !isMOFName(inside) || isHidden(inside) || member.FileInfo().IsDir() {
			continue
		}
		if !fs.ValidPath(inside) {
			return fmt.Errorf("%s: the member %q lies outside of the file", name, inside)
		}
		if err := r.add(mofJob{path: path.Join(inTree, inside), read: memberReader(name, member)}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(r.jobs) == before {
		return fmt.Errorf("the zip file %s has no files that end in .mof", name)
	}
	r.tree.bases = append(r.tree.bases, inTree)
	if top := topFolder(r.jobs[before:]); top != inTree {
		r.tree.bases = append(r.tree.bases, top)
	}
	return nil
}

// topFolder returns the folder that all files are below: many zip files hold one folder.
func topFolder(jobs []mofJob) string {
	top := path.Dir(jobs[0].path)
	for _, job := range jobs {
		for top != "." && !strings.HasPrefix(job.path, top+"/") {
			top = path.Dir(top)
		}
	}
	return top
}

// memberReader unpacks a member, whose header may say what it likes about its size.
func memberReader(name string, member *zip.File) func(*mofBudget) ([]byte, error) {
	return func(b *mofBudget) ([]byte, error) {
		in, err := member.Open()
		if err != nil {
			return nil, &os.PathError{Op: "unpack", Path: name + "/" + member.Name, Err: err}
		}
		defer in.Close()
		return b.readAll(name+"/"+member.Name, in, int64(min(member.UncompressedSize64, math.MaxInt64)))
	}
}

package readiness

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
)

// Limits of what is taken in at once.
const (
	MaxFile  = 20 << 20  // bytes of one return
	MaxBatch = 1 << 30   // bytes of one zip of returns, unpacked
	MaxFiles = 20000     // returns in one batch
	maxZip   = 512 << 20 // bytes of one zip of returns
)

// File is one file that is to become a return. Content is nil when it was not
// read because of Fault, which then says why.
type File struct {
	Name    string
	Size    int64
	Content []byte
	Fault   *fault.Error
}

// Collect yields the returns found at the given paths, in the order of their
// names: single files, folders with what lies below them, zips. A path that
// cannot be read is yielded with its fault, so that each file gets a result.
// Only what a person would call a file of the batch is yielded: hidden files,
// Word's lock files (~$…) and the folder entries of a zip are passed over.
func Collect(paths []string) func(yield func(File) bool) {
	return func(yield func(File) bool) {
		for _, p := range paths {
			if !collectPath(p, yield) {
				return
			}
		}
	}
}

// Count says how many files Collect will yield, without reading them.
func Count(paths []string) int {
	n := 0
	for _, p := range paths {
		_ = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if d == nil || d.IsDir() || isClutter(path) {
				return nil //nolint:nilerr // what cannot be read is one file with a fault, see Collect
			}
			if isZip(path) {
				if z, err := zip.OpenReader(path); err == nil {
					n += countEntries(z.File)
					return z.Close()
				}
			}
			n++
			return nil
		})
	}
	return n
}

// CountUpload says how many files CollectUpload will yield.
func CountUpload(name string, content []byte) int {
	if isZip(name) {
		if z, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
			return countEntries(z.File)
		}
	}
	return 1
}

func countEntries(entries []*zip.File) int {
	n := 0
	for _, e := range entries {
		if !e.FileInfo().IsDir() && !isClutter(e.Name) {
			n++
		}
	}
	return n
}

func isZip(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

func isClutter(name string) bool {
	base := filepath.Base(filepath.ToSlash(name))
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") || strings.Contains(name, "__MACOSX/")
}

func collectPath(path string, yield func(File) bool) bool {
	info, err := os.Stat(path)
	if err != nil {
		return yield(File{Name: path, Fault: fault.New(fault.Invalid, "readiness.intake.unreadable", fault.Args{"file": path}).Because(err)})
	}
	if !info.IsDir() {
		return collectFile(path, yield)
	}
	var names []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !isClutter(p) {
			names = append(names, p)
		}
		return nil
	})
	if err != nil {
		return yield(File{Name: path, Fault: fault.New(fault.Invalid, "readiness.intake.unreadable", fault.Args{"file": path}).Because(err)})
	}
	slices.Sort(names)
	for _, n := range names {
		if !collectFile(n, yield) {
			return false
		}
	}
	return true
}

func collectFile(path string, yield func(File) bool) bool {
	info, err := os.Stat(path)
	if err != nil {
		return yield(File{Name: path, Fault: fault.New(fault.Invalid, "readiness.intake.unreadable", fault.Args{"file": path}).Because(err)})
	}
	limit := int64(MaxFile)
	if isZip(path) {
		limit = maxZip
	}
	if info.Size() > limit {
		return yield(tooLarge(path, info.Size(), limit))
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return yield(File{Name: path, Size: info.Size(), Fault: fault.New(fault.Invalid, "readiness.intake.unreadable", fault.Args{"file": path}).Because(err)})
	}
	return CollectUpload(path, raw)(yield)
}

func tooLarge(name string, size, limit int64) File {
	return File{Name: name, Size: size, Fault: fault.New(fault.TooLarge, "readiness.intake.too_large",
		fault.Args{"file": name, "size": size >> 20, "limit": limit >> 20})}
}

// CollectUpload yields the returns in one uploaded file: itself, or what is
// inside it when it is a zip.
func CollectUpload(name string, content []byte) func(yield func(File) bool) bool {
	if isZip(name) {
		return CollectZip(name, content)
	}
	return func(yield func(File) bool) bool {
		if len(content) > MaxFile {
			return yield(tooLarge(name, int64(len(content)), MaxFile))
		}
		return yield(File{Name: name, Size: int64(len(content)), Content: content})
	}
}

// CollectZip yields the returns inside a zip. It unpacks no more than MaxBatch
// in total and MaxFile for one entry, whatever the zip says of itself.
func CollectZip(name string, raw []byte) func(yield func(File) bool) bool {
	return func(yield func(File) bool) bool {
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return yield(File{Name: name, Size: int64(len(raw)), Fault: fault.New(fault.Invalid, "readiness.intake.bad_zip", fault.Args{"file": name}).Because(err)})
		}
		var total int64
		n := 0
		for _, entry := range z.File {
			if entry.FileInfo().IsDir() || isClutter(entry.Name) {
				continue
			}
			inner := name + "/" + entry.Name
			if n++; n > MaxFiles || total > MaxBatch {
				return yield(File{Name: name, Size: int64(len(raw)), Fault: fault.New(fault.TooLarge, "readiness.intake.zip_bomb",
					fault.Args{"file": name, "limit": int64(MaxBatch >> 20), "files": MaxFiles})})
			}
			content, err := readEntry(entry)
			total += int64(len(content))
			f := File{Name: inner, Size: int64(len(content)), Content: content}
			switch {
			case err != nil:
				f = File{Name: inner, Fault: fault.New(fault.Invalid, "readiness.intake.bad_zip", fault.Args{"file": inner}).Because(err)}
			case len(content) > MaxFile:
				f = tooLarge(inner, int64(len(content)), MaxFile)
			}
			if !yield(f) {
				return false
			}
		}
		return true
	}
}

// readEntry reads at most one byte more than a return may have: an entry's own
// word about its size is not to be trusted.
func readEntry(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, MaxFile+1))
}

package readiness

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"dean06/internal/platform/fault"
)

// Limits of what is taken in at once.
const (
	MaxFile  = 20 << 20  // bytes of one return
	MaxBatch = 1 << 30   // bytes of one zip of returns, unpacked
	MaxFiles = 20000     // returns in one batch
	maxZip   = 512 << 20 // bytes of one zip of returns
)

// File is one file that is to become a return, or that cannot: then Fault says
// why, and Content is what there is to keep of it.
type File struct {
	Name    string
	Size    int64
	Content []byte
	Fault   *fault.Error
}

// Collect yields the returns found at the given paths, in the order of their
// names: single files, folders with what lies below them, zips. A path that
// cannot be read, or that holds no file, is yielded with its fault, so that each
// gets a result. Only what a person would call a file of the batch is yielded:
// hidden files and folders, Word's lock files (~$…) and the folder entries of a
// zip are passed over.
func Collect(paths []string) func(yield func(File) bool) {
	return func(yield func(File) bool) {
		for _, p := range paths {
			for _, f := range list(p) {
				if f.err != nil {
					if !yield(refusedPath(f.path, f.err)) {
						return
					}
				} else if !collectFile(f.path, yield) {
					return
				}
			}
		}
	}
}

// Count says how many files Collect will yield, without reading them.
func Count(paths []string) int {
	n := 0
	for _, p := range paths {
		for _, f := range list(p) {
			n += countFile(f.path)
		}
	}
	return n
}

func countFile(path string) int {
	if !isZip(path) {
		return 1
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return 1
	}
	defer z.Close()
	return countEntries(z.File)
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
	if isDocument(entries) {
		n = 1
	}
	return max(n, 1) // an empty one is refused as one
}

// isDocument says that a zip is itself a Word or Excel file, whatever its name.
func isDocument(entries []*zip.File) bool {
	return slices.ContainsFunc(entries, func(e *zip.File) bool { return e.Name == "[Content_Types].xml" })
}

func isZip(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

// isClutter says that a path within a folder or zip, or something above it
// there, is hidden or left behind by a program.
func isClutter(name string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(name), "/") {
		hidden := strings.HasPrefix(part, ".") && part != "." && part != ".."
		left := part == "__MACOSX" || strings.EqualFold(part, "Thumbs.db") || strings.EqualFold(part, "desktop.ini")
		if hidden || left || strings.HasPrefix(part, "~$") {
			return true
		}
	}
	return false
}

// found is a file on the disk, or a place where none can be read.
type found struct {
	path string
	err  error
}

var errNothing = errors.New("no file below this folder")

// list finds the files at and below a path. A link to a folder below it is not
// followed: it may lead back.
func list(path string) []found {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []found{{path, err}}
	}
	var out []found
	root := path + string(filepath.Separator) // the path may itself be a link
	_ = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			out = append(out, found{p, err})
		case p == root:
		case isClutter(d.Name()):
			if d.IsDir() {
				return filepath.SkipDir
			}
		case d.Type()&fs.ModeSymlink != 0:
			if info, err := os.Stat(p); err != nil || !info.IsDir() {
				out = append(out, found{p, err})
			}
		case !d.IsDir():
			out = append(out, found{p, nil})
		}
		return nil
	})
	if len(out) == 0 {
		return []found{{path, errNothing}}
	}
	slices.SortFunc(out, func(a, b found) int { return strings.Compare(a.path, b.path) })
	return out
}

func refusedPath(path string, err error) File {
	key := "readiness.intake.unreadable"
	switch {
	case errors.Is(err, errNothing):
		key = "readiness.intake.nothing"
	case errors.Is(err, fs.ErrNotExist):
		key = "readiness.intake.missing"
	case errors.Is(err, fs.ErrPermission):
		key = "readiness.intake.forbidden"
	}
	return refused(path, 0, nil, key, err)
}

// refused is a file that cannot be taken in. What there is of its content is kept.
func refused(name string, size int64, content []byte, key string, err error) File {
	name = plainName(name)
	return File{Name: name, Size: size, Content: content, Fault: fault.New(fault.Invalid, key, fault.Args{"file": name}).Because(err)}
}

// plainName makes a name from a disk or a zip fit for a line of text and for a
// database: strangers choose it.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(name, string(unicode.ReplacementChar)))
}

func collectFile(path string, yield func(File) bool) bool {
	info, err := os.Stat(path)
	if err != nil {
		return yield(refusedPath(path, err))
	}
	if !info.Mode().IsRegular() { // a pipe or device may never end
		return yield(refusedPath(path, fs.ErrInvalid))
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
		return yield(refusedPath(path, err))
	}
	return CollectUpload(path, raw)(yield)
}

func tooLarge(name string, size, limit int64) File {
	name = plainName(name)
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
		return yield(File{Name: plainName(name), Size: int64(len(content)), Content: content})
	}
}

// CollectZip yields the returns inside a zip. It unpacks no more than MaxBatch
// in total and MaxFile for one entry, whatever the zip says of itself. Where an
// entry cannot be unpacked, the whole zip is its content, so that it is kept.
func CollectZip(name string, raw []byte) func(yield func(File) bool) bool {
	return func(yield func(File) bool) bool {
		whole := func(name, key string, err error) File { return refused(name, int64(len(raw)), raw, key, err) }
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return yield(whole(name, "readiness.intake.bad_zip", err))
		}
		if isDocument(z.File) {
			return yield(File{Name: plainName(name), Size: int64(len(raw)), Content: raw})
		}
		var total int64
		n := 0
		for _, entry := range z.File {
			if entry.FileInfo().IsDir() || isClutter(entry.Name) {
				continue
			}
			inner := name + "/" + entry.Name
			if n++; n > MaxFiles || total > MaxBatch {
				f := whole(name, "readiness.intake.zip_bomb", nil)
				f.Fault.Args["limit"], f.Fault.Args["files"] = int64(MaxBatch>>20), MaxFiles
				return yield(f)
			}
			content, err := readEntry(entry)
			total += int64(len(content))
			var f File
			switch {
			case entry.Flags&1 != 0:
				f = whole(inner, "readiness.intake.encrypted_zip", err)
			case err != nil:
				f = whole(inner, "readiness.intake.bad_zip", err)
			case len(content) > MaxFile:
				f = tooLarge(inner, max(int64(entry.UncompressedSize64), int64(len(content))), MaxFile)
			case isZip(inner):
				f = refused(inner, int64(len(content)), content, "readiness.intake.nested_zip", nil)
			default:
				f = File{Name: plainName(inner), Size: int64(len(content)), Content: content}
			}
			if !yield(f) {
				return false
			}
		}
		if n == 0 {
			return yield(whole(name, "readiness.intake.nothing", nil))
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

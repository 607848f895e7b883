// Package private keeps files that hold personal data or keys for their owner alone:
// 0600 the files, 0700 the folders, whatever the process inherited. It finds those that
// others may read; it changes no folder that it did not make.
package private

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Modes of what is private.
const (
	FileMode   fs.FileMode = 0o600
	FolderMode fs.FileMode = 0o700
)

// Folder makes a folder, and those above it that are missing. One that is there stays
// as it is.
func Folder(path string) error { return os.MkdirAll(path, FolderMode) }

// Create opens a file for writing, empty, and takes it from everybody else before
// anything is in it. What is no regular file ("/dev/stdout") is opened as it is.
func Create(path string) (*os.File, error) { return open(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY) }

// CreateNew is Create for a file that must not be there: fs.ErrExist.
func CreateNew(path string) (*os.File, error) { return open(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY) }

func open(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags, FileMode)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm() != FileMode {
		err = f.Chmod(FileMode)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close takes files from everybody but their owner. Those that are not there, and those
// of another owner, stay as they are: Look finds the latter.
func Close(paths ...string) {
	for _, path := range paths {
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			_ = os.Chmod(path, FileMode)
		}
	}
}

// Exposed is what others may read, or put something into.
type Exposed struct {
	Files   []string
	Folders []string
}

// most bounds how many are named: who reads it mends the first and asks again.
const most = 20

// Look walks files and folders and finds those that others may use. What is not there
// is not exposed. It fails when something cannot be looked at.
func Look(paths ...string) (Exposed, error) {
	var out Exposed
	var all error
	for _, root := range paths {
		if root == "" {
			continue
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it went while we looked
			}
			if err != nil {
				return err
			}
			if len(out.Files) >= most || len(out.Folders) >= most {
				return fs.SkipAll
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			switch open := info.Mode().Perm()&0o077 != 0; {
			case open && d.IsDir():
				out.Folders = append(out.Folders, path)
			case open && info.Mode().IsRegular():
				out.Files = append(out.Files, path)
			}
			return nil
		})
		all = errors.Join(all, err)
	}
	return out, all
}

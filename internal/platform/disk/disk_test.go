package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"dean06/internal/platform/disk"
)

// full is a file on a disk without room: at the write, or only when the disk is asked.
type full struct {
	disk.File
	late bool
}

func (f full) Write(b []byte) (int, error) {
	if !f.late {
		return 0, &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return f.File.Write(b)
}

func (f full) Sync() error {
	return &os.PathError{Op: "sync", Path: f.Name(), Err: syscall.ENOSPC}
}

// liar reads something else than was written.
type liar struct{ disk.File }

func (l liar) Read(b []byte) (int, error) {
	n, err := l.File.Read(b)
	if n > 0 {
		b[0]++
	}
	return n, err
}

func TestTry(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := disk.Try(dir); err != nil {
		t.Errorf("a folder that can be written: %v", err)
	}
	in := func(wrap func(disk.File) disk.File) disk.Create {
		return func(dir string) (disk.File, error) {
			f, err := disk.InSystem(dir)
			if err != nil {
				return nil, err
			}
			return wrap(f), nil
		}
	}
	for name, late := range map[string]bool{"at the write": false, "at the disk": true} {
		if err := disk.TryWith(dir, in(func(f disk.File) disk.File { return full{f, late} })); !disk.IsFull(err) {
			t.Errorf("full %s: %v", name, err)
		}
	}
	if err := disk.TryWith(dir, in(func(f disk.File) disk.File { return liar{f} })); !errors.Is(err, disk.ErrOther) {
		t.Errorf("a disk that lies: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{file, filepath.Join(file, "below"), filepath.Join(dir, "none")} {
		if err := disk.Try(bad); err == nil || disk.IsFull(err) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".dean06-try-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

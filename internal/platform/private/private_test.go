package private_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dean06/internal/platform/private"
)

func TestCreateTakesAnOldFileFromOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := errors.Join(os.WriteFile(name, []byte("old"), 0o600), os.Chmod(name, 0o666)); err != nil { //nolint:gosec // open on purpose
		t.Fatal(err)
	}
	f, err := private.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil || info.Mode().Perm() != private.FileMode || info.Size() != 0 {
		t.Errorf("%v, %v", info, err)
	}
	_ = f.Close()
	if _, err := private.CreateNew(name); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v", err)
	}
	if f, err := private.Create(os.DevNull); err != nil {
		t.Errorf("what is no file: %v", err)
	} else {
		_ = f.Close()
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	open, shut := filepath.Join(dir, "open"), filepath.Join(dir, "shut", "file")
	err := errors.Join(
		private.Folder(filepath.Join(dir, "shut")), os.WriteFile(open, nil, 0o600), os.Chmod(open, 0o640), //nolint:gosec // on purpose
		os.WriteFile(shut, nil, 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	got, err := private.Look(dir, filepath.Join(dir, "none"), "")
	if err != nil || !slices.Equal(got.Files, []string{open}) || len(got.Folders) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	private.Close(open, filepath.Join(dir, "none"))
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // on purpose
		t.Fatal(err)
	}
	got, err = private.Look(dir)
	if err != nil || len(got.Files) != 0 || !slices.Equal(got.Folders, []string{dir}) {
		t.Errorf("%+v, %v", got, err)
	}
}

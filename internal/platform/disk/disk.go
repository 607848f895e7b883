// Package disk finds out whether a folder can really be written to: it writes a file,
// waits for the disk, reads it back and takes it away. Free space and modes alone have said yes
// before where each write failed.
package disk

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// probeSize is how much is written: more than a file system keeps in a directory entry.
const probeSize = 16 << 10

// ErrOther is of a disk that gives back something else than was written.
var ErrOther = errors.New("what was read is not what was written")

// File is what a try needs of a file.
type File interface {
	io.ReadWriteSeeker
	io.Closer
	Sync() error
	Name() string
}

// Create makes the file of a try in a folder.
type Create func(dir string) (File, error)

// InSystem makes it in the file system.
func InSystem(dir string) (File, error) { return os.CreateTemp(dir, ".dean06-try-*") }

// Try writes, syncs, reads back and removes a file in a folder. It fails with what the
// system says: syscall.ENOSPC when there is no room.
func Try(dir string) error { return TryWith(dir, InSystem) }

// TryWith is Try with another way to make the file.
func TryWith(dir string, create Create) (err error) {
	f, err := create(dir)
	if err != nil {
		return fmt.Errorf("make a file: %w", err)
	}
	defer func() {
		if e := f.Close(); e != nil && err == nil {
			err = fmt.Errorf("close a file: %w", e)
		}
		if e := os.Remove(f.Name()); e != nil && !errors.Is(e, fs.ErrNotExist) && err == nil {
			err = fmt.Errorf("remove a file: %w", e)
		}
	}()
	wrote := make([]byte, probeSize)
	if _, err := rand.Read(wrote); err != nil {
		return err
	}
	if _, err := f.Write(wrote); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write a file to the disk: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read a file: %w", err)
	}
	read, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("read a file: %w", err)
	}
	if !bytes.Equal(read, wrote) {
		return ErrOther
	}
	return nil
}

// IsFull says that an error of the file system is that there is no room left.
func IsFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

package app

import (
	"context"
	"io"
	"sync"

	"dean06/internal/platform/blob"
)

// lateFiles is a store that is opened when the first file comes.
type lateFiles struct {
	open func() (blob.Store, error)
}

// PapersIn keeps files in a folder, made when the first one comes.
func PapersIn(dir string) blob.Store {
	return lateFiles{sync.OnceValues(func() (blob.Store, error) { return blob.NewDir(dir) })}
}

// relaxedPapersIn is PapersIn without the wait for the disk, for the demo.
func relaxedPapersIn(dir string) blob.Store {
	return lateFiles{sync.OnceValues(func() (blob.Store, error) {
		store, err := blob.NewDir(dir)
		if err != nil {
			return nil, err
		}
		return store.Relaxed(), nil
	})}
}

// Put stores a file.
func (f lateFiles) Put(ctx context.Context, r io.Reader, limit int64) (blob.Ref, error) {
	store, err := f.open()
	if err != nil {
		return blob.Ref{}, err
	}
	return store.Put(ctx, r, limit)
}

// Open reads a file.
func (f lateFiles) Open(ctx context.Context, ref blob.Ref) (io.ReadCloser, error) {
	store, err := f.open()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, ref)
}

// Delete removes a file.
func (f lateFiles) Delete(ctx context.Context, ref blob.Ref) error {
	store, err := f.open()
	if err != nil {
		return err
	}
	return store.Delete(ctx, ref)
}

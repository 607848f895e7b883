package app

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"dean06/internal/platform/blob"
	"dean06/internal/readiness"
)

// papers keeps the files that the register takes in, in a blob store.
type papers struct {
	open func() (blob.Store, error)
}

// PapersIn keeps papers in a folder, made when the first one comes.
func PapersIn(dir string) readiness.Papers {
	return papers{func() (blob.Store, error) { return blob.NewDir(dir) }}
}

// relaxedPapersIn is PapersIn without the wait for the disk, for the demo.
func relaxedPapersIn(dir string) readiness.Papers {
	return papers{func() (blob.Store, error) {
		store, err := blob.NewDir(dir)
		if err != nil {
			return nil, err
		}
		return store.Relaxed(), nil
	}}
}

// Papers keeps papers in a blob store.
func Papers(store blob.Store) readiness.Papers {
	return papers{func() (blob.Store, error) { return store, nil }}
}

// Put keeps a file under its content.
func (p papers) Put(ctx context.Context, content []byte) (string, error) {
	store, err := p.open()
	if err != nil {
		return "", err
	}
	ref, err := store.Put(ctx, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", fmt.Errorf("keep paper: %w", err)
	}
	return ref.SHA256, nil
}

// Get gives a file that was kept.
func (p papers) Get(ctx context.Context, file readiness.FileRef) ([]byte, error) {
	store, err := p.open()
	if err != nil {
		return nil, err
	}
	r, err := store.Open(ctx, blob.Ref{SHA256: file.SHA256, Size: file.Size})
	if err != nil {
		return nil, fmt.Errorf("get paper %s: %w", file.SHA256, err)
	}
	defer r.Close()
	return io.ReadAll(r)
}

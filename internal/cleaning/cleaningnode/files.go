package cleaningnode

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"dean06/internal/cleaning"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/private"
)

// maxFile is the largest file that is kept.
const maxFile = 8 << 30

// files keeps the files of batches as blobs.
type files struct{ store blob.Store }

// Keep keeps what r gives.
func (f files) Keep(ctx context.Context, r io.Reader) (cleaning.File, error) {
	ref, err := f.store.Put(ctx, r, maxFile)
	return cleaning.File(ref), err
}

// Open reads one.
func (f files) Open(ctx context.Context, file cleaning.File) (io.ReadCloser, error) {
	return f.store.Open(ctx, blob.Ref(file))
}

// Drop removes one.
func (f files) Drop(ctx context.Context, file cleaning.File) error {
	return f.store.Delete(ctx, blob.Ref(file))
}

// Scratch fills a file of this machine. What a fall leaves is in the system's folder for
// what is temporary, and only its owner can read it.
func (f files) Scratch(_ context.Context, fill func(w io.Writer) error) (path string, done func(), err error) {
	dir, err := os.MkdirTemp("", "dean06-clean-")
	if err != nil {
		return "", nil, err
	}
	done = func() { _ = os.RemoveAll(dir) }
	path = filepath.Join(dir, "rows")
	out, err := private.Create(path)
	if err == nil {
		err = fill(out)
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return path, done, nil
}

package cleaningnode

import (
	"context"
	"errors"
	"io"
	"os"

	"dean06/internal/cleaning"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/sheet"
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

// Scratch fills a file of this machine. It has no name, so that a fall leaves nothing of it.
func (f files) Scratch(_ context.Context, fill func(w io.Writer) error) (*os.File, error) {
	out, err := sheet.Scratch()
	if err != nil {
		return nil, err
	}
	if err := fill(out); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return out, nil
}

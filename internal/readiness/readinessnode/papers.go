package readinessnode

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"dean06/internal/platform/blob"
	"dean06/internal/readiness"
)

// papers keeps the files that the register takes in among the node's files.
type papers struct{ files blob.Store }

func refOf(f readiness.FileRef) blob.Ref { return blob.Ref{SHA256: f.SHA256, Size: f.Size} }

// Put keeps a file under its content.
func (p papers) Put(ctx context.Context, content []byte) (string, error) {
	ref, err := p.files.Put(ctx, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", fmt.Errorf("keep paper: %w", err)
	}
	return ref.SHA256, nil
}

// Get gives a file that was kept.
func (p papers) Get(ctx context.Context, file readiness.FileRef) ([]byte, error) {
	r, err := p.files.Open(ctx, refOf(file))
	if err != nil {
		return nil, fmt.Errorf("get paper %s: %w", file.SHA256, err)
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Delete removes a file that was kept.
func (p papers) Delete(ctx context.Context, file readiness.FileRef) error {
	if err := p.files.Delete(ctx, refOf(file)); err != nil {
		return fmt.Errorf("remove paper %s: %w", file.SHA256, err)
	}
	return nil
}

package office_test

import (
	"bytes"
	"context"
	"io"

	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/upload"
)

// uploads stands in for the node's uploads: files that come with the form, looked at as the
// real one looks at them by their first bytes alone.
type uploads struct {
	upload.Service
	files *dossiertest.Files
	taken []upload.New
}

// Take keeps a file.
func (u *uploads) Take(ctx context.Context, _ string, n upload.New, r io.Reader) (upload.File, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return upload.File{}, err
	}
	if !bytes.HasPrefix(raw, []byte("\xff\xd8\xff")) {
		return upload.File{}, upload.ErrClosed
	}
	u.taken = append(u.taken, n)
	hash, size, err := u.files.Put(ctx, bytes.NewReader(raw))
	return upload.File{SHA256: hash, Size: size, Name: n.Name, For: n.For, Type: upload.JPEG}, err
}

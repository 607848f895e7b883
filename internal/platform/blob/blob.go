// Package blob keeps files: what agencies sent, and what was made for them. A
// blob is named by the SHA-256 of its content, so that it is stored once, never
// changes, and proves itself when it is read.
//
// It knows neither names nor owners of files; those are rows of the modules, and
// so is the decision when a blob may go.
package blob

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"dean06/internal/platform/fault"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Ref names a blob.
type Ref struct {
	SHA256 string `db:"sha256" json:"sha256"` // 64 lower-case hexadecimal digits
	Size   int64  `db:"size" json:"size"`
}

var refShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Store keeps blobs.
type Store interface {
	// Put stores what r gives and names it. It fails with TooLarge beyond limit
	// bytes, and then keeps nothing.
	Put(ctx context.Context, r io.Reader, limit int64) (Ref, error)
	// Open reads a blob. Reading to the end fails with ErrDamaged when the
	// content is not what was put. It fails with ErrMissing when it is not there.
	Open(ctx context.Context, ref Ref) (io.ReadCloser, error)
	// OpenAt reads a blob from a place in it on. Such a part is not held against the blob's
	// name. It fails with ErrMissing.
	OpenAt(ctx context.Context, ref Ref, offset int64) (io.ReadCloser, error)
	// Delete removes a blob; one that is not there is no error.
	Delete(ctx context.Context, ref Ref) error
}

// What can be wrong with a blob that should be there.
var (
	ErrMissing = errors.New("blob is missing")
	ErrDamaged = errors.New("blob is damaged")
)

// Dir keeps blobs as files in a folder: ab/cdef… for abcdef….
type Dir struct {
	path    string
	relaxed bool
}

// NewDir opens the folder and makes it when it is not there.
func NewDir(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("open blob folder: %w", err)
	}
	return &Dir{path: path}, nil
}

// Relaxed is the same folder without the wait for the disk: a power cut can
// lose the last blobs. For demos.
func (d *Dir) Relaxed() *Dir { return &Dir{path: d.path, relaxed: true} }

// Put writes a temporary file, makes sure that it is on the disk, and renames
// it: a blob is there whole or not at all.
func (d *Dir) Put(ctx context.Context, r io.Reader, limit int64) (Ref, error) {
	tmp, ref, err := spool(ctx, d.path, r, limit)
	if err != nil {
		return Ref{}, err
	}
	defer os.Remove(tmp.Name())
	if !d.relaxed {
		err = tmp.Sync()
	}
	err = errors.Join(err, tmp.Close())
	to := d.file(ref)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), to)
	}
	if err == nil && !d.relaxed {
		err = syncDir(filepath.Dir(to))
	}
	if err != nil {
		return Ref{}, fmt.Errorf("put blob %s: %w", ref.SHA256, err)
	}
	return ref, nil
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *Dir) file(ref Ref) string { return filepath.Join(d.path, ref.SHA256[:2], ref.SHA256[2:]) }

// Open reads a blob.
func (d *Dir) Open(_ context.Context, ref Ref) (io.ReadCloser, error) {
	f, err := d.open(ref)
	if err != nil {
		return nil, err
	}
	return prove(f, ref), nil
}

func (d *Dir) open(ref Ref) (*os.File, error) {
	if err := ref.check(); err != nil {
		return nil, err
	}
	f, err := os.Open(d.file(ref))
	if errors.Is(err, os.ErrNotExist) {
		err = ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", ref.SHA256, err)
	}
	return f, nil
}

// OpenAt reads a blob from a place in it on.
func (d *Dir) OpenAt(_ context.Context, ref Ref, offset int64) (io.ReadCloser, error) {
	f, err := d.open(ref)
	if err != nil {
		return nil, err
	}
	return from(f, ref, offset)
}

// from goes to a place in a blob.
func from(r io.ReadSeekCloser, ref Ref, offset int64) (io.ReadCloser, error) {
	if _, err := r.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(fmt.Errorf("open blob %s at %d: %w", ref.SHA256, offset, err), r.Close())
	}
	return r, nil
}

// Delete removes a blob.
func (d *Dir) Delete(_ context.Context, ref Ref) error {
	if err := ref.check(); err != nil {
		return err
	}
	if err := os.Remove(d.file(ref)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("delete blob %s: %w", ref.SHA256, err)
	}
	return nil
}

func (r Ref) check() error {
	if !refShape.MatchString(r.SHA256) {
		return fmt.Errorf("%w: %q is no SHA-256", ErrMissing, r.SHA256)
	}
	return nil
}

// spool copies r into a temporary file and names its content. The caller closes
// and removes the file.
func spool(ctx context.Context, dir string, r io.Reader, limit int64) (*os.File, Ref, error) {
	tmp, err := os.CreateTemp(dir, "put-*") // mode 0600
	if err != nil {
		return nil, Ref{}, fmt.Errorf("put blob: %w", err)
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(tmp, h), io.LimitReader(ctxReader{ctx, r}, limit+1))
	if err == nil && n > limit {
		err = fault.New(fault.TooLarge, "blob.too_large", fault.Args{"megabytes": (limit + 1<<20 - 1) >> 20})
	}
	if err != nil {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name())
		return nil, Ref{}, fmt.Errorf("put blob: %w", err)
	}
	return tmp, Ref{hex.EncodeToString(h.Sum(nil)), n}, nil
}

// ctxReader stops when the context ends, so that nobody who has left keeps us writing.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// prover compares the content with the name once all of it has been read.
type prover struct {
	io.ReadCloser
	h   hash.Hash
	ref Ref
}

func prove(r io.ReadCloser, ref Ref) io.ReadCloser { return &prover{r, sha256.New(), ref} }

func (p *prover) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.h.Write(b[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(p.h.Sum(nil)) != p.ref.SHA256 {
		return n, fmt.Errorf("read blob %s: %w", p.ref.SHA256, ErrDamaged)
	}
	return n, err
}

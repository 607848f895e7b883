package node

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/config"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
)

// blobStore is where files are kept.
func blobStore(c config.Blob) (blob.Store, error) {
	if c.S3.Endpoint == "" {
		return blob.NewDir(c.Dir)
	}
	return blob.NewS3(blob.S3Options{
		Endpoint: c.S3.Endpoint, Bucket: c.S3.Bucket, Region: c.S3.Region, Prefix: c.S3.Prefix,
		AccessKey: c.S3.AccessKey, SecretKey: c.S3.SecretKey.Reveal(), Plain: c.S3.Plain,
	})
}

// sender is how letters leave.
func sender(c config.Mail) mail.Sender {
	from := mail.Address{Name: c.FromName, Addr: c.From}
	if c.Host == "" {
		return mail.Folder{Dir: c.Dir, From: from}
	}
	return mail.SMTP{Host: c.Host, Port: c.Port, User: c.User, Password: c.Password.Reveal(), TLS: mail.TLS(c.TLS), From: from}
}

// openUploads makes the service; it touches its folder when the first file comes.
func (n *Node) openUploads() error {
	c := n.Config.Upload
	scanner, err := upload.ParseScanner(c.Scanner)
	n.Uploads = uploadsql.New(uploadsql.Options{
		DB: n.DB, Dir: c.Dir, Files: n.Files, Clock: n.Clock, Log: n.Log, Scanner: scanner,
		Most: int64(c.MaxBytes), MostOpen: int64(c.MaxOpen), Keep: c.Keep,
	})
	return err
}

// keepBulk is how long what came of a large file is kept after its last piece: a line that was
// cut on a Friday goes on after a holiday.
const keepBulk = 7 * 24 * time.Hour

// Bulk takes files that are larger than what people send on pages, at most that large, in a
// folder of their own. Its Forget is for whoever asked for it to call.
func (b *Base) Bulk(folder string, most int64) *uploadsql.Service {
	o := b.Uploads.Options
	o.Dir, o.Keep = filepath.Join(o.Dir, folder), keepBulk
	o.Most, o.MostOpen, o.OwnerOpen, o.OwnerBytes = most, 4*most, 10, 2*most
	return uploadsql.New(o)
}

// takeUploads says that one of the modules takes files in pieces.
func takeUploads(modules []Module) bool {
	return slices.ContainsFunc(modules, func(m Module) bool { return m.Uploads })
}

// Folder keeps files in a folder that is made when the first one comes. relaxed does
// not wait for the disk.
func Folder(dir string, relaxed bool) blob.Store {
	return &files{open: func() (blob.Store, error) {
		store, err := blob.NewDir(dir)
		if err != nil || !relaxed {
			return store, err
		}
		return store.Relaxed(), nil
	}}
}

// files is a store that is opened when it is first needed: a node that keeps no files
// leaves no folder behind.
type files struct {
	open  func() (blob.Store, error)
	mu    sync.Mutex
	store blob.Store
}

func (f *files) get() (blob.Store, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.store != nil {
		return f.store, nil
	}
	store, err := f.open()
	if err == nil {
		f.store = store
	}
	return store, err
}

// Put stores what r gives.
func (f *files) Put(ctx context.Context, r io.Reader, limit int64) (blob.Ref, error) {
	store, err := f.get()
	if err != nil {
		return blob.Ref{}, err
	}
	return store.Put(ctx, r, limit)
}

// Open reads a blob.
func (f *files) Open(ctx context.Context, ref blob.Ref) (io.ReadCloser, error) {
	store, err := f.get()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, ref)
}

// OpenAt reads a blob from a place in it on.
func (f *files) OpenAt(ctx context.Context, ref blob.Ref, offset int64) (io.ReadCloser, error) {
	store, err := f.get()
	if err != nil {
		return nil, err
	}
	return store.OpenAt(ctx, ref, offset)
}

// Delete removes a blob.
func (f *files) Delete(ctx context.Context, ref blob.Ref) error {
	store, err := f.get()
	if err != nil {
		return err
	}
	return store.Delete(ctx, ref)
}

package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Options say where an S3-compatible store is.
type S3Options struct {
	Endpoint  string // host:port
	Bucket    string
	Region    string // us-east-1 when empty
	Prefix    string // put before each name, such as "board/"
	AccessKey string
	SecretKey string
	Plain     bool // without TLS
}

// S3 keeps blobs in a bucket of an S3-compatible store. The bucket must be there.
type S3 struct {
	client *minio.Client
	o      S3Options
}

// NewS3 makes the client; it does not connect yet.
func NewS3(o S3Options) (*S3, error) {
	if o.Region == "" {
		o.Region = "us-east-1" // named, so that the client need not ask
	}
	c, err := minio.New(o.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: !o.Plain, Region: o.Region,
		BucketLookup: minio.BucketLookupPath, MaxRetries: 3,
	})
	if err != nil {
		return nil, fmt.Errorf("open blob store %s: %w", o.Endpoint, err)
	}
	return &S3{c, o}, nil
}

func (s *S3) name(ref Ref) string { return s.o.Prefix + ref.SHA256[:2] + "/" + ref.SHA256[2:] }

// Put spools to a temporary file first: the name is known only at the end, and
// the store wants the size at the beginning.
func (s *S3) Put(ctx context.Context, r io.Reader, limit int64) (Ref, error) {
	tmp, ref, err := spool(ctx, "", r, limit)
	if err != nil {
		return Ref{}, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	if _, err := s.client.StatObject(ctx, s.o.Bucket, s.name(ref), minio.StatObjectOptions{}); err == nil {
		return ref, nil
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return Ref{}, fmt.Errorf("put blob %s: %w", ref.SHA256, err)
	}
	_, err = s.client.PutObject(ctx, s.o.Bucket, s.name(ref), tmp, ref.Size, minio.PutObjectOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return Ref{}, fmt.Errorf("put blob %s: %w", ref.SHA256, err)
	}
	return ref, nil
}

// Open reads a blob.
func (s *S3) Open(ctx context.Context, ref Ref) (io.ReadCloser, error) {
	obj, err := s.open(ctx, ref)
	if err != nil {
		return nil, err
	}
	return prove(obj, ref), nil
}

// OpenAt reads a blob from a place in it on.
func (s *S3) OpenAt(ctx context.Context, ref Ref, offset int64) (io.ReadCloser, error) {
	obj, err := s.open(ctx, ref)
	if err != nil {
		return nil, err
	}
	return from(obj, ref, offset)
}

func (s *S3) open(ctx context.Context, ref Ref) (*minio.Object, error) {
	if err := ref.check(); err != nil {
		return nil, err
	}
	obj, err := s.client.GetObject(ctx, s.o.Bucket, s.name(ref), minio.GetObjectOptions{})
	if err == nil {
		if _, err = obj.Stat(); err == nil { // GetObject alone asks for nothing
			return obj, nil
		}
		_ = obj.Close()
	}
	if isMissing(err) {
		err = ErrMissing
	}
	return nil, fmt.Errorf("open blob %s: %w", ref.SHA256, err)
}

// Delete removes a blob.
func (s *S3) Delete(ctx context.Context, ref Ref) error {
	if err := ref.check(); err != nil {
		return err
	}
	err := s.client.RemoveObject(ctx, s.o.Bucket, s.name(ref), minio.RemoveObjectOptions{})
	if err != nil && !isMissing(err) {
		return fmt.Errorf("delete blob %s: %w", ref.SHA256, err)
	}
	return nil
}

func isMissing(err error) bool {
	var e minio.ErrorResponse
	return errors.As(err, &e) && e.StatusCode == http.StatusNotFound
}

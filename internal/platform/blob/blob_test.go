package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// each runs a test on every kind of store. spoil changes what is kept behind the store's back.
func each(t *testing.T, f func(t *testing.T, s blob.Store, spoil func())) {
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		s, err := blob.NewDir(filepath.Join(dir, "blobs"))
		if err != nil {
			t.Fatal(err)
		}
		f(t, s, func() {
			_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				return os.WriteFile(path, []byte("other"), 0o600)
			})
		})
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		b := &bucket{objects: map[string][]byte{}}
		srv := httptest.NewServer(b)
		t.Cleanup(srv.Close)
		s, err := blob.NewS3(blob.S3Options{
			Endpoint: strings.TrimPrefix(srv.URL, "http://"), Bucket: "dean06", Prefix: "board/", AccessKey: "a", SecretKey: "b",
			Plain: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		f(t, s, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			for k := range b.objects {
				b.objects[k] = []byte("other")
			}
		})
	})
}

// bucket is as much of S3 as the client asks for.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.Method {
	case http.MethodPut:
		raw, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Amz-Content-Sha256") == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" {
			raw = unchunk(raw)
		}
		b.objects[r.URL.Path] = raw
		w.Header().Set("ETag", `"x"`)
	case http.MethodDelete:
		delete(b.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	default:
		raw, ok := b.objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			if r.Method == http.MethodGet {
				_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
			}
			return
		}
		w.Header().Set("ETag", `"x"`)
		http.ServeContent(w, r, "", time.Unix(1, 0), bytes.NewReader(raw))
	}
}

// unchunk takes the signed chunks of a streaming upload apart: "size;signature\r\ndata\r\n".
func unchunk(raw []byte) []byte {
	var out []byte
	for {
		head, rest, ok := bytes.Cut(raw, []byte("\r\n"))
		size, _, _ := bytes.Cut(head, []byte(";"))
		n := 0
		for _, c := range size {
			n = n*16 + strings.IndexByte("0123456789abcdef", c)
		}
		if !ok || n == 0 || n > len(rest) {
			return out
		}
		out, raw = append(out, rest[:n]...), rest[n+2:]
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blob.Store, spoil func()) {
		ctx := t.Context()
		rapid.Check(t, func(rt *rapid.T) {
			want := rapid.SliceOf(rapid.Byte()).Draw(rt, "content")
			ref, err := s.Put(ctx, bytes.NewReader(want), int64(len(want)))
			if err != nil || ref.Size != int64(len(want)) {
				rt.Fatalf("put: %+v, %v", ref, err)
			}
			if got, err := read(ctx, s, ref); err != nil || !bytes.Equal(got, want) {
				rt.Fatalf("got %q, %v; want %q", got, err, want)
			}
			at := rapid.IntRange(0, len(want)).Draw(rt, "at")
			r, err := s.OpenAt(ctx, ref, int64(at))
			if err != nil {
				rt.Fatal(err)
			}
			if got, err := io.ReadAll(r); errors.Join(err, r.Close()) != nil || !bytes.Equal(got, want[at:]) {
				rt.Fatalf("from %d: %q, %v; want %q", at, got, err, want[at:])
			}
		})
		ref, err := s.Put(ctx, strings.NewReader("Phụ lục"), 100)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Put(ctx, strings.NewReader("Phụ lục"), 100)
		if err != nil || again != ref {
			t.Errorf("the same content: %v, %v; want %v", again, err, ref)
		}
		if _, err := s.Put(ctx, strings.NewReader("Phụ lục"), 8); fault.Of(err) != fault.TooLarge {
			t.Errorf("too large: %v", err)
		}
		if _, err := s.Put(ctx, io.MultiReader(strings.NewReader("x"), failing{}), 8); err == nil {
			t.Error("half a file was taken")
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := s.Put(gone, strings.NewReader("x"), 8); !errors.Is(err, context.Canceled) {
			t.Errorf("after leaving: %v", err)
		}
		spoil()
		if _, err := read(ctx, s, ref); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("spoilt: %v, want ErrDamaged", err)
		}
		for range 2 {
			if err := s.Delete(ctx, ref); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range []blob.Ref{ref, {}, {SHA256: "../../etc/passwd"}} {
			if _, err := s.Open(ctx, r); !errors.Is(err, blob.ErrMissing) {
				t.Errorf("open %+v: %v, want ErrMissing", r, err)
			}
		}
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("line cut") }

func read(ctx context.Context, s blob.Store, ref blob.Ref) ([]byte, error) {
	r, err := s.Open(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestFolderKeepsNothingOfAFailureAndNothingForOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := blob.NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = s.Put(t.Context(), strings.NewReader("too long"), 3)
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	ref, err := s.Put(t.Context(), strings.NewReader("x"), 3)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, ref.SHA256[:2], ref.SHA256[2:]))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v", info.Mode(), err)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(blob.Messages)
	if err != nil || !c.Has("blob.too_large") {
		t.Errorf("messages: %v", err)
	}
}

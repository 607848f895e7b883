// Package assets serves the style sheet, scripts, fonts and icon that pages need.
// The files are built from npm packages by build/ and committed, so that running
// needs only Go. It serves nothing else and reads nothing from the disk.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:embed all:dist
var embedded embed.FS

// Prefix is where the assets are served.
const Prefix = "/assets/"

// file is an asset, compressed when first asked for.
type file struct {
	kind  string
	plain []byte
	br    func() []byte
	gz    func() []byte
}

var files, version = load()

// load reads the assets. One hash over all of them is part of every address:
// style sheets then find their fonts by relative address, and a change of one
// makes browsers fetch them again.
func load() (map[string]file, string) {
	all := map[string]file{}
	sum := sha256.New()
	dist, _ := fs.Sub(embedded, "dist")
	_ = fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		sum.Write([]byte(name))
		sum.Write(b)
		f := file{kind: kindOf(name), plain: b}
		if path.Ext(name) != ".woff2" {
			f.br = sync.OnceValue(func() []byte { return brotliOf(b) })
			f.gz = sync.OnceValue(func() []byte { return gzipOf(b) })
		}
		all[name] = f
		return nil
	})
	return all, hex.EncodeToString(sum.Sum(nil))[:12]
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// URL is the address of an asset, such as URL("app.css").
func URL(name string) string { return Prefix + version + "/" + name }

// Handler serves the assets under Prefix, for ever cacheable. An address with
// another version, from a page of yesterday's release, gets today's file uncached.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		f, ok := files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		if v != version {
			h.Set("Cache-Control", "no-cache")
		}
		body := f.plain
		if f.br != nil {
			h.Set("Vary", "Accept-Encoding")
			accept := r.Header.Get("Accept-Encoding")
			switch {
			case strings.Contains(accept, "br"):
				h.Set("Content-Encoding", "br")
				body = f.br()
			case strings.Contains(accept, "gzip"):
				h.Set("Content-Encoding", "gzip")
				body = f.gz()
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(http.StatusOK)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	})
}

func brotliOf(b []byte) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, 10)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func gzipOf(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

package readiness_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
)

func zipped(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(name)); err != nil && !strings.HasSuffix(name, "/") {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// uploaded lists what one uploaded file brings.
func uploaded(name string, content []byte) (files []readiness.File) {
	readiness.CollectUpload(name, content)(func(f readiness.File) bool {
		files = append(files, f)
		return true
	})
	return files
}

// What is collected from a zip, by name, with why a file was refused.
func TestWhatAZipHolds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  []byte
		want []string
	}{
		"returns":            {zipped(t, "a.docx", "sub/", "sub/b.xlsx"), []string{"x.zip/a.docx", "x.zip/sub/b.xlsx"}},
		"hidden things":      {zipped(t, ".x", "a/.git/b.docx", "__MACOSX/c.docx", "~$d.docx", "Thumbs.db", "e.docx"), []string{"x.zip/e.docx"}},
		"above":              {zipped(t, "../../a.docx", "/b.docx"), []string{"x.zip/../../a.docx", "x.zip//b.docx"}},
		"nothing":            {zipped(t), []string{"x.zip nothing"}},
		"only hidden things": {zipped(t, ".x"), []string{"x.zip nothing"}},
		"a zip":              {zipped(t, "in.ZIP", "a.docx"), []string{"x.zip/in.ZIP nested_zip", "x.zip/a.docx"}},
		"a document renamed": {zipped(t, "[Content_Types].xml", "word/document.xml"), []string{"x.zip"}},
		"no zip":             {[]byte("PK no"), []string{"x.zip bad_zip"}},
		"cut short":          {zipped(t, "a.docx", "b.docx")[:60], []string{"x.zip bad_zip"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range uploaded("x.zip", c.raw) {
				line := f.Name
				if f.Fault != nil {
					line += " " + f.Fault.Key[strings.LastIndex(f.Fault.Key, ".")+1:]
				}
				if f.Content == nil {
					t.Errorf("%s: nothing to keep", f.Name)
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := readiness.CountUpload("x.zip", c.raw); n != len(got) {
				t.Errorf("counted %d, collected %d", n, len(got))
			}
		})
	}
}

func TestCollectStopsWhenAsked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string][]byte{"a.docx": []byte("x"), "b.zip": zipped(t, "1.docx", "2.docx"), "c/d.docx": []byte("y")} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var all []string
	for f := range readiness.Collect([]string{dir, dir}) {
		all = append(all, f.Name)
	}
	if n := readiness.Count([]string{dir, dir}); len(all) != 8 || n != 8 || !slices.Equal(all[:4], all[4:]) {
		t.Fatalf("collected %q, counted %d", all, n)
	}
	for stop := 1; stop <= len(all); stop++ {
		n := 0
		for range readiness.Collect([]string{dir, dir}) {
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("stopped after %d, want %d", n, stop)
		}
	}
}

// Nothing that a stranger uploads under any name stops the collecting, and
// every file of it has a name fit to print.
func FuzzCollectUpload(f *testing.F) {
	f.Add("a.docx", []byte("x"))
	f.Add("a.zip", zipped(f, "a.docx", "../b", "\xff\n"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		n := 0
		for _, file := range uploaded(name, content) {
			if n++; strings.ContainsAny(file.Name, "\x00\n\x1b") || !utf8.ValidString(file.Name) {
				t.Errorf("name %q", file.Name)
			}
		}
		if n == 0 {
			t.Errorf("%q: no result", name)
		}
	})
}

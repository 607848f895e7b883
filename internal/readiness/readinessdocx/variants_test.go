package readinessdocx_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// repack gives a document with each part changed; an empty part is left out.
func repack(t testing.TB, raw []byte, change func(name, text string) string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		changed := change(f.Name, string(text))
		if changed == "" {
			continue
		}
		part, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(changed)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withoutHidden takes away what the document carries out of sight.
func withoutHidden(t testing.TB, raw []byte) []byte {
	return repack(t, raw, func(name, text string) string {
		if strings.HasPrefix(name, "customXml/") {
			return ""
		}
		return text
	})
}

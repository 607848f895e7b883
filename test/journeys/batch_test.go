package journeys

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dean06/data"
)

// sample is a return of the second round as an agency wrote it.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := data.Demo.ReadFile("demo/appendix-488/round-2023/" + name + ".docx")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// edited is a Word file in whose text the first of something was replaced.
func edited(t testing.TB, docx []byte, old, new string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "word/document.xml" {
			if !bytes.Contains(raw, []byte(old)) {
				t.Fatalf("the document does not say %q", old)
			}
			raw = bytes.Replace(raw, []byte(old), []byte(new), 1)
		}
		files[f.Name] = raw
	}
	return zipped(t, files)
}

func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// batch writes a zip as it comes on a stick: good returns, unsure ones, a second
// one of the same agency, one of nobody, and two that are none.
func batch(t testing.TB) string {
	t.Helper()
	noiVu := sample(t, "bo-noi-vu")
	file := filepath.Join(t.TempDir(), "bao-cao.zip")
	raw := zipped(t, map[string][]byte{
		"a/bo-noi-vu.docx":             noiVu,
		"a/bo-tu-phap.docx":            sample(t, "bo-tu-phap"),
		"a/ubnd-tinh-yen-bai.docx":     sample(t, "ubnd-tinh-yen-bai"),
		"b/bo-giao-duc.docx":           edited(t, sample(t, "bo-giao-duc-va-dao-tao"), "Đã đáp ứng", "Cơ bản đáp ứng"),
		"b/ubnd-tinh-thai-nguyen.docx": edited(t, sample(t, "ubnd-tinh-thai-nguyen"), "Đáp ứng một phần", "Đang hoàn thiện"),
		"c/bo-noi-vu-lan-2.docx":       edited(t, noiVu, "1421/1421", "1400/1421"),
		"c/khong-ro.docx":              edited(t, sample(t, "ubnd-tinh-ha-nam"), "HÀ NAM", "MẪU"),
		"d/bi-cut.docx":                sample(t, "ubnd-tinh-hung-yen")[:4000],
		"d/ghi-chep.docx":              []byte(strings.Repeat("Đây không phải là tệp Word.\n", 20)),
	})
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

package readinessdocx_test

import (
	"bytes"
	"os"
	"testing"

	"dean06/internal/readiness/readinessdocx"
)

func BenchmarkRead(b *testing.B) {
	tpl := appendix488(b)
	raw, err := os.ReadFile("testdata/tinh-thai-nguyen.docx")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := readinessdocx.Read(tpl, "a.docx", bytes.NewReader(raw), int64(len(raw))); err != nil {
			b.Fatal(err)
		}
	}
}

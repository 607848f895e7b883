package procedure_test

import (
	"testing"

	"dean06/internal/procedure"
)

// BenchmarkSearch measures one search; the index is made before.
func BenchmarkSearch(b *testing.B) {
	texts := []string{"lam khai sinh cho con", "đổi bằng lái xe hết hạn", "cho em hoi thu tuc lam laii can cuoc bi mat o dau", "dangkytamtru"}
	c := procedure.Builtin()
	c.Search("a", 1)
	b.ResetTimer()
	for i := range b.N {
		c.Search(texts[i%len(texts)], 10)
	}
}

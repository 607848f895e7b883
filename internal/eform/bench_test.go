package eform

import "testing"

// BenchmarkCheck checks a whole form, as each submission does.
func BenchmarkCheck(b *testing.B) {
	f, a := readForm(b, "birth"), allAnswers()
	for b.Loop() {
		if len(f.Check(a, here)) > 0 {
			b.Fatal("wrong")
		}
	}
}

// BenchmarkPages finds the pages, as each of a citizen's pages does.
func BenchmarkPages(b *testing.B) {
	f, a := readForm(b, "birth"), allAnswers()
	for b.Loop() {
		if len(f.Pages(a, here)) < 10 {
			b.Fatal("few")
		}
	}
}

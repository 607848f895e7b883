package population_test

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/population"
)

// aFile is a file of so many rows about the same person.
func aFile(rows int) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(population.Columns)
	for range rows {
		_ = w.Write(population.Row(whole()))
	}
	w.Flush()
	return b.String()
}

// BenchmarkReadPersons reads rows of which every column is filled.
func BenchmarkReadPersons(b *testing.B) {
	const rows = 1000
	text := aFile(rows)
	for b.Loop() {
		r, err := population.NewPersonReader(strings.NewReader(text), clock.MustDate("2026-11-21"))
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, _, bad, err := r.Next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil || bad != nil {
				b.Fatal(bad, err)
			}
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "persons/s")
}

// BenchmarkWritePersons writes them.
func BenchmarkWritePersons(b *testing.B) {
	p := whole()
	for b.Loop() {
		_ = population.Row(p)
	}
}

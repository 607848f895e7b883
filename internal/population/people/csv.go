package people

import (
	"encoding/csv"
	"fmt"
	"io"

	"dean06/internal/population"
)

// WriteCSV makes n people as the file that the register loads.
func WriteCSV(w io.Writer, n int, seed int64, o Options) error {
	out := csv.NewWriter(w)
	if err := out.Write(population.Columns); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	err := Generate(n, seed, func(p population.Person) error { return out.Write(population.Row(p)) }, o)
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return nil
}

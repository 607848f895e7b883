package cleaning

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WritePlain writes a table as it was understood: names folded, days read, places as the
// communes of today. Other programs that link records begin with such a file.
func (w *World) WritePlain(t *Table, out io.Writer) error {
	b := bufio.NewWriterSize(out, 1<<20)
	fmt.Fprintln(b, "unique_id,row,number,old,name,birth,sex,commune")
	words := make([]string, 0, maxWords)
	for i := range t.n {
		words = words[:0]
		for _, id := range t.name(i) {
			words = append(words, w.Words.at(id).folded)
		}
		number, old, sex, commune := "", "", "", ""
		if t.number[i] != 0 {
			number = digitsOf(t.number[i], t.digits[i])
		}
		if t.old[0][i] != 0 {
			old = digitsOf(uint64(t.old[0][i]), 9)
		}
		if t.sex[i] != 0 {
			sex = fmt.Sprint(int(t.sex[i]))
		}
		if h := w.Places.units[t.place[0][i]].home; h != 0 {
			commune = fmt.Sprint(h)
		}
		fmt.Fprintf(b, "%d,%d,%s,%s,%s,%s,%s,%s\n", i+1, i+1, number, old, strings.Join(words, " "), t.birth[i], sex, commune)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

package sheet

import (
	"encoding/csv"
	"io"
	"strings"
)

// CSV writes comma-separated values that Excel opens with the right letters
// and without computing anything: a byte order mark first, and an apostrophe
// before each cell that a spreadsheet would take for a formula (OWASP, CSV
// injection). Who reads such a file by program must drop that apostrophe.
type CSV struct{ w *csv.Writer }

// NewCSV starts a file on w.
func NewCSV(w io.Writer) (*CSV, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &CSV{c}, nil
}

// Write adds a line.
func (c *CSV) Write(cells ...string) error {
	safe := make([]string, len(cells))
	for i, s := range cells {
		safe[i] = CSVCell(s)
	}
	return c.w.Write(safe)
}

// Flush writes what is buffered and gives the first error of all writes.
func (c *CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// CSVCell puts an apostrophe before a text that would become a formula. A
// plain negative number stays as it is.
func CSVCell(s string) string {
	t := strings.TrimLeft(s, " \u00a0\ufeff")
	if t == "" || !strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(t)[0]) {
		return s
	}
	if t == s && s[0] == '-' && len(s) > 1 && strings.Trim(s[1:], "0123456789") == "" {
		return s
	}
	return "'" + s
}

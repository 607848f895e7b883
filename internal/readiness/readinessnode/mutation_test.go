package readinessnode_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

// operation makes a right return messy, or leaves it as clean as it was. Add one to the
// list that it belongs to (operations_test.go): word changes the parts of a Word file,
// excel a workbook. Either may be nil. A change that finds no place says false.
type operation struct {
	name  string
	word  func(d *wordFile) bool
	excel func(f *excelize.File) bool
}

// wordFile is a Word file as its parts.
type wordFile struct{ parts map[string]string }

const document = "word/document.xml"

func openWord(t *testing.T, raw []byte) *wordFile {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	d := &wordFile{parts: map[string]string{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		d.parts[f.Name] = string(text)
	}
	return d
}

func (d *wordFile) bytes(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range d.parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var answerRun = regexp.MustCompile(
	`<w:r>(?:<w:rPr>[^§]{0,120}?</w:rPr>|<w:rPr/>)?<w:t(?: xml:space="preserve")?>(Đã đáp ứng|Đáp ứng một phần|Chưa đáp ứng)</w:t></w:r>`,
)

// answer replaces the first answer of the form with what f makes of its words.
func (d *wordFile) answer(f func(words string) string) bool {
	at := answerRun.FindStringSubmatchIndex(d.parts[document])
	if at == nil {
		return false
	}
	s := d.parts[document]
	d.parts[document] = s[:at[0]] + f(s[at[2]:at[3]]) + s[at[1]:]
	return true
}

// beside puts markup behind the first answer, in its paragraph.
func (d *wordFile) beside(markup string) bool {
	return d.answer(func(words string) string { return run("", words) + markup })
}

// replace changes text of the document once.
func (d *wordFile) replace(from, to string) bool {
	s := strings.Replace(d.parts[document], from, to, 1)
	changed := s != d.parts[document]
	d.parts[document] = s
	return changed
}

// part adds a part, to which the document refers.
func (d *wordFile) part(kind, name, text string) bool {
	const rels = "word/_rels/document.xml.rels"
	d.parts["word/"+name] = text
	d.parts[rels] = strings.Replace(d.parts[rels], "</Relationships>", fmt.Sprintf(
		`<Relationship Id="x%s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/></Relationships>`, kind, kind, name), 1)
	return true
}

// run is a stretch of text with properties.
func run(properties, text string) string {
	return `<w:r><w:rPr>` + properties + `</w:rPr><w:t xml:space="preserve">` + text + `</w:t></w:r>`
}

// first finds the first cell of part 2 of a workbook that says an answer.
func first(f *excelize.File) (sheet, cell string) {
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			continue
		}
		for r, row := range rows {
			for c, text := range row {
				if c > 3 && (text == "Đã đáp ứng" || text == "Đáp ứng một phần" || text == "Chưa đáp ứng") {
					at, err := excelize.CoordinatesToCellName(c+1, r+1)
					if err == nil {
						return name, at
					}
				}
			}
		}
	}
	return "", ""
}

// rightReturns are returns of the second sample round that go in without a question.
func rightReturns(t *testing.T) []readiness.File {
	t.Helper()
	names, err := filepath.Glob("../../../data/demo/appendix-488/round-2023/*.docx")
	if err != nil || len(names) < 80 {
		t.Fatalf("%d samples, %v", len(names), err)
	}
	var out []readiness.File
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, readiness.File{Name: filepath.Base(name), Size: int64(len(raw)), Content: raw})
	}
	return out
}

// mutated is one return after one operation.
type mutated struct {
	operation string
	file      readiness.File
}

// mutate makes n returns of the operations, each of another agency as far as there are
// agencies; word says which kind of file.
func mutate(t *testing.T, base []readiness.File, list []operation, n int, word bool) []mutated {
	t.Helper()
	list = slices.DeleteFunc(slices.Clone(list), func(o operation) bool { return word && o.word == nil || !word && o.excel == nil })
	var out []mutated
	for i := 0; len(out) < n && i < 20*n; i++ {
		op, file := list[i%len(list)], base[(i/len(list)*7+i)%len(base)]
		if word {
			d := openWord(t, file.Content)
			if !op.word(d) {
				continue
			}
			file.Content = d.bytes(t)
		} else {
			f, err := excelize.OpenReader(bytes.NewReader(file.Content))
			if err != nil {
				t.Fatal(err)
			}
			if !op.excel(f) {
				continue
			}
			var b bytes.Buffer
			if err := f.Write(&b); err != nil {
				t.Fatal(err)
			}
			file.Content = b.Bytes()
		}
		file.Size = int64(len(file.Content))
		out = append(out, mutated{op.name, file})
	}
	if len(out) < n {
		t.Fatalf("only %d of %d made", len(out), n)
	}
	return out
}

// takeEach takes the files into as many rounds as one agency has of them, so that none is
// asked about for another's sake. next opens a round.
func takeEach(t *testing.T, next func() (*opened, string), list []mutated) []readiness.BatchItem {
	t.Helper()
	var items []readiness.BatchItem
	for len(list) > 0 {
		var files []readiness.File
		var rest []mutated
		names := map[string]bool{}
		for _, m := range list {
			if names[m.file.Name] {
				rest = append(rest, m)
				continue
			}
			names[m.file.Name] = true
			files = append(files, m.file)
			files[len(files)-1].Name = m.operation + " / " + m.file.Name
		}
		o, round := next()
		items = append(items, intake(t, o, round, files...)...)
		list = rest
	}
	return items
}

// workbooks are right returns as our own Excel forms.
func workbooks(t *testing.T) []readiness.File {
	t.Helper()
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	var out []readiness.File
	for _, item := range intake(t, o, "488", rightReturns(t)[18:48]...) {
		f, err := o.ExportReturn(t.Context(), shell, "488", item.Agency, "xlsx", "vi", false)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, readiness.File{Name: f.Name, Size: int64(len(f.Content)), Content: f.Content})
	}
	return out
}

// Of 300 messy returns none is accepted; of 100 clean ones at most a tenth is sent to a
// person.
func TestMessyReturnsAreNeverAccepted(t *testing.T) {
	t.Parallel()
	word, excel := rightReturns(t), workbooks(t)
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	rounds := rounds488(t, o, 20)
	copied := func() (*opened, string) {
		round := rounds[0]
		rounds = rounds[1:]
		return o, round
	}
	// Our own workbooks name the round that they are of.
	named := func() (*opened, string) { return openOn(t, sqldbtest.OpenSQLite(t), clock.System{}), "488" }
	messy := takeEach(t, copied, mutate(t, word, messyOperations, 230, true))
	messy = append(messy, takeEach(t, named, mutate(t, excel, messyOperations, 70, false))...)
	for _, op := range append(messyOperations, cleanOperations...) {
		if op.word == nil && op.excel == nil {
			t.Errorf("%s does nothing", op.name)
		}
	}
	for _, op := range messyOperations {
		if !slices.ContainsFunc(messy, func(i readiness.BatchItem) bool { return strings.HasPrefix(i.File.Name, op.name+" / ") }) {
			t.Errorf("%s found no place", op.name)
		}
	}
	if len(messy) != 300 {
		t.Errorf("%d messy returns", len(messy))
	}
	for _, item := range messy {
		if item.Status != readiness.ItemNeedsReview {
			t.Errorf("%s: %s for %q", item.Status, item.File.Name, found(item))
		}
	}
	clean := takeEach(t, copied, mutate(t, word, cleanOperations, 80, true))
	clean = append(clean, takeEach(t, named, mutate(t, excel, cleanOperations, 20, false))...)
	sent := 0
	for _, item := range clean {
		if item.Status != readiness.ItemAccepted {
			sent++
			t.Logf("sent to a person: %s for %q", item.File.Name, found(item))
		}
	}
	if len(clean) != 100 || sent > 10 {
		t.Errorf("%d of %d clean returns are sent to a person", sent, len(clean))
	}
}

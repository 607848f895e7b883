package readinessdocx

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"dean06/internal/platform/docx"
	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

// Read reads a return. The error is a fault of kind Invalid or TooLarge when the
// file can become no return; the problems are what a person must look at
// (Reviews) or may want to know (Notes).
//
// Campaign and Agency are not set: who a return is from follows from its heading
// and from who sends it in, never from data hidden in the file.
func Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	file, err := docx.Open(r, size, docx.DefaultLimits)
	if err != nil {
		return readiness.Return{}, nil, refused(name, size, err)
	}
	p := newPaper(tpl)
	p.read(file)
	if err := p.isTheForm(name, file); err != nil {
		return readiness.Return{}, nil, err
	}
	if !p.restore(file.Hidden) {
		readiness.DeclareSystems(tpl, &p.ret)
	}
	p.blank()
	p.tell()
	return p.ret, p.problems, nil
}

func newPaper(tpl *readiness.Template) *paper {
	p := &paper{tpl: tpl, labels: newLabels(tpl)}
	p.ret.Template = tpl.Ref()
	return p
}

// read takes everything that stands on the paper.
func (p *paper) read(file *docx.File) {
	p.blocks(file.Blocks)
	p.edges(file)
	p.finishTable()
	p.finishHead()
}

// refused turns a refusal into the fault that says how to mend it.
func refused(name string, size int64, err error) error {
	var why docx.Refusal
	if !errors.As(err, &why) {
		return fmt.Errorf("read return %s: %w", name, err)
	}
	kind := fault.Invalid
	if why == docx.TooLarge || why == docx.Bomb || why == docx.TooComplex {
		kind = fault.TooLarge
	}
	return fault.New(kind, "readiness.file."+string(why), fault.Args{
		"file": name, "size": size >> 20, "limit": docx.DefaultLimits.Archive >> 20,
	}).Because(err)
}

// paper is a return while it is being read, from top to bottom.
type paper struct {
	tpl      *readiness.Template
	labels   labels
	ret      readiness.Return
	problems []readiness.Problem

	part   string // of the form that we are in: "" before the first
	tables int    // tables so far
	lines  int    // paragraphs so far
	head   []headLine
	field  string // contact field that the next line may continue
	list   string // list of part 4 that we are in
	ended  bool   // past the signature

	edgeNames []string // names of agencies in headers and footers
	signNames []string // and above the signature
	traces    []noted
	below     []noted  // pictures of part 4 with no text below them so far
	numbers   []string // of the rows, as they are printed
	own       bool     // values were taken from what our own form carries

	grid  *partGrid  // the table of part 2 or 3 that may go on
	rows  []paperRow // of part 2
	from  []int      // index in rows of each answer
	asked bool       // a table of part 2 was there
	parts int        // headings of parts that were found
}

func (p *paper) problem(severity readiness.Severity, row, column, text, reason string) {
	p.problems = append(p.problems, readiness.NewProblem(severity, row, column, text, reason))
}

func (p *paper) extra(text, column string) {
	if text = strings.TrimSpace(text); text == "" || readiness.IsDots(text) || p.labels.isPrinted(text) {
		return
	}
	p.ret.Extra = append(p.ret.Extra, readiness.Extra{Where: p.place(column), Text: text})
}

func (p *paper) place(column string) readiness.Place {
	return readiness.Place{Part: p.part, Line: p.lines, Column: column}
}

// blocks reads paragraphs and tables in order. A table that is none of the
// form's is a frame: what stands in its cells is read as if there were no table.
func (p *paper) blocks(blocks []docx.Block) {
	for _, b := range blocks {
		if b.Text != nil {
			p.lines++
			p.beside(b.Text)
			p.paragraph(b.Text.Lines())
			continue
		}
		p.table(b.Grid)
	}
}

// paragraph reads text outside the form's tables.
func (p *paper) paragraph(lines []docx.Line) {
	whole := strings.TrimSpace(text(lines))
	if whole == "" {
		return
	}
	if part := p.labels.part(whole); part != "" {
		p.enter(part)
		return
	}
	switch p.part {
	case "":
		p.headLines(lines)
	case "1":
		p.contact(convert(lines))
	case "4":
		p.difficulties(convert(lines))
	default:
		if !p.tpl.HasPart4() { // what stands below the table is the signature
			p.difficulties(convert(lines))
			return
		}
		p.extra(readiness.Kept(convert(lines)), "")
	}
}

func (p *paper) enter(part string) {
	if part != p.part {
		p.parts++
	}
	p.part, p.field, p.list = part, "", ""
	p.aboveText()
}

func text(lines []docx.Line) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.Text()
	}
	return strings.Join(out, "\n")
}

// convert gives the lines of a cell to the reading functions.
func convert(lines []docx.Line) []readiness.Line {
	out := make([]readiness.Line, 0, len(lines))
	for _, l := range lines {
		var line readiness.Line
		for _, s := range l.Spans {
			if !s.Placeholder {
				line = append(line, readiness.Piece{Text: s.Text, Struck: s.Struck, Marked: s.Bold || s.Underline || s.Highlight})
			}
		}
		out = append(out, line)
	}
	return out
}

// isTheForm refuses a document that is another form altogether.
func (p *paper) isTheForm(name string, file *docx.File) error {
	if p.asked {
		return nil
	}
	found := ""
	for _, l := range docx.LinesOf(file.Blocks) {
		if found = strings.TrimSpace(l.Text()); found != "" {
			break
		}
	}
	if r := []rune(found); len(r) > 120 {
		found = string(r[:120]) + "…"
	}
	key := "readiness.file.other_form"
	switch {
	case found == "":
		key = "readiness.file.no_text"
	case p.parts >= 2:
		key = "readiness.file.no_table"
	}
	return fault.New(fault.Invalid, key, fault.Args{"file": name, "found": found, "form": p.tpl.Part2.Vi})
}

// blank says when the paper is the blank form itself. Single rows that are
// blank are found by the rules of the return.
func (p *paper) blank() {
	for _, a := range p.ret.Answers {
		if a.Compliance != "" && a.Readings[readiness.ColCompliance].Reason != readiness.ReasonExample || len(a.Values) > 0 {
			return
		}
		if row, ok := p.tpl.Row(a.Key); ok && row.Options == "" && a.Note != "" {
			return
		}
	}
	p.problem(readiness.Reviews, "", "", "", "readiness.problem.nothing_answered")
}

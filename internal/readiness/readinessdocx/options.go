package readinessdocx

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/platform/docx"
	"dean06/internal/readiness"
)

// Agencies split the answer column into one for each option, to be marked with a cross.
// Such a row is read as a list with boxes: that reader knows what two crosses are.

// apart finds the columns of options in a row of headings that has none for the answer.
func (p *paper) apart(g *partGrid, row docx.GridRow, texts []string) {
	var rest []columnAt
	for _, col := range g.columns {
		if p.option(textAt(row, texts, col), false) == "" {
			rest = append(rest, col)
		}
	}
	for i, c := range row.Cells {
		if o := p.option(texts[i], false); o != "" {
			g.options = append(g.options, columnAt{o, c.From, c.From + c.Span})
		}
	}
	if len(g.options) > 1 {
		g.columns = rest
	} else {
		g.options = nil
	}
}

func textAt(row docx.GridRow, texts []string, col columnAt) string {
	for i, c := range row.Cells {
		if c.From == col.from {
			return texts[i]
		}
	}
	return ""
}

// subheadings reads a second row of headings, which parts the answer column that the first
// one names.
func (p *paper) subheadings(g *partGrid, row docx.GridRow) bool {
	var answer columnAt
	for _, col := range g.columns {
		if col.key == readiness.ColCompliance {
			answer = col
		}
	}
	if answer.to-answer.from < 2 {
		return false
	}
	var options []columnAt
	for _, c := range row.Cells {
		s := strings.TrimSpace(text(c.Lines()))
		inside := c.From >= answer.from && c.From+c.Span <= answer.to
		switch o := p.option(s, true); {
		case inside && o != "":
			options = append(options, columnAt{o, c.From, c.From + c.Span})
		case inside, s != "" && c.Origin == nil:
			return false
		}
	}
	if len(options) < 2 {
		return false
	}
	g.options = options
	return true
}

// option is the option that a heading names: whole, or below the name of the answer by
// the word in which it differs from the others ("Đã", "Một phần", "Chưa").
func (p *paper) option(heading string, short bool) string {
	folded := readiness.Fold(heading)
	if folded == "" {
		return ""
	}
	lists := slices.Sorted(maps.Keys(p.tpl.Options))
	lists = slices.DeleteFunc(lists, func(l string) bool { return l == readiness.StageList })
	for _, list := range lists {
		for _, o := range p.tpl.Options[list] {
			for _, s := range append([]string{o.Vi, o.En}, o.Aliases...) {
				if readiness.Fold(s) == folded {
					return o.Vi
				}
			}
		}
	}
	for _, list := range lists {
		if o := oneWith(p.tpl.Options[list], folded); short && o != "" {
			return o
		}
	}
	return ""
}

// oneWith is the one option of a list that has these words; none when several have.
func oneWith(options []readiness.Option, folded string) string {
	found := ""
	for _, o := range options {
		if strings.Contains(" "+readiness.Fold(o.Vi)+" ", " "+folded+" ") {
			if found != "" {
				return ""
			}
			found = o.Vi
		}
	}
	return found
}

func (p *paper) optionAt(c *docx.GridCell) string {
	if p.grid == nil {
		return ""
	}
	for _, o := range p.grid.options {
		if o.from <= c.From && c.From < o.to {
			return o.key
		}
	}
	return ""
}

// cross is a mark in a column of an option.
var cross = regexp.MustCompile(`^(?:[xXvV+*✓✔✗✘☒☑●×√]|\[[xX]\]|\([xX]\))$`)

// marked is what the columns of options say, as a list with boxes; nil when nothing stands
// in them. Words in place of a cross are kept, so that a person is asked.
func (p *paper) marked(row docx.GridRow) []readiness.Line {
	var out []readiness.Line
	any := false
	for _, c := range row.Cells {
		option := p.optionAt(c)
		if option == "" {
			continue
		}
		lines := convert(c.Lines())
		words := readiness.Kept(lines)
		box := "☐ "
		if cross.MatchString(words) {
			box = "☒ "
		}
		out = append(out, readiness.Line{{Text: box + option}})
		if words != "" && box == "☐ " && words != "☐" && words != "□" {
			out = append(out, lines...)
		}
		any = any || readiness.Raw(lines) != ""
	}
	if !any {
		return nil
	}
	return out
}

package paper

import (
	"strings"
	"unicode"
)

// word is a piece of a line that is not broken.
type word struct {
	text  string
	style string
	width float64
	glued bool // no space before it
	last  bool // the line ends here because the text does
}

// measure gives the width of a text in millimetres. Words are looked up once:
// a report repeats the same names hundreds of times.
func (w *pdf) measure(text, style string, size float64) float64 {
	key := style + "|" + text
	per, ok := w.widths[key]
	if !ok {
		w.setFont(style, size)
		per = w.f.GetStringWidth(text) / size
		w.widths[key] = per
	}
	return per * size
}

// wrap breaks runs into lines no wider than width; first is the indent of the
// first line. It gives at least one line.
func (w *pdf) wrap(runs []Run, size, width, first float64) [][]word {
	var lines [][]word
	var line []word
	at := first
	flush := func() {
		lines = append(lines, line)
		line, at = nil, 0
	}
	glued := true
	for _, r := range runs {
		style := styleOf(r)
		space := w.measure(" ", style, size)
		for i, part := range strings.Split(clean(r.Text), "\n") {
			if i > 0 {
				if n := len(line); n > 0 {
					line[n-1].last = true
				}
				flush()
			}
			fields := strings.FieldsFunc(part, breaks)
			if part != "" && startsWithSpace(part) || i > 0 {
				glued = false
			}
			for _, text := range fields {
				wd := word{text: text, style: style, width: w.measure(text, style, size), glued: glued || len(line) == 0}
				glued = false
				gap := space
				if wd.glued {
					gap = 0
				}
				if at+gap+wd.width > width+.01 && len(line) > 0 && !wd.glued {
					flush()
					gap, wd.glued = 0, true
				}
				for at+gap+wd.width > width+.01 && len([]rune(wd.text)) > 1 {
					head, tail := w.split(wd, size, width-at-gap)
					line = append(line, head)
					flush()
					wd, gap = tail, 0
				}
				line = append(line, wd)
				at += gap + wd.width
			}
			// The next run continues this word unless a space stands between.
			glued = len(fields) > 0 && !endsWithSpace(part)
		}
	}
	if len(line) > 0 || len(lines) == 0 {
		flush()
	}
	if end := lines[len(lines)-1]; len(end) > 0 {
		end[len(end)-1].last = true
	}
	return lines
}

// split cuts a word that is wider than a whole line; at least one letter goes first.
func (w *pdf) split(wd word, size, room float64) (head, tail word) {
	letters := []rune(wd.text)
	n := 1
	for n < len(letters)-1 && w.measure(string(letters[:n+1]), wd.style, size) <= room {
		n++
	}
	head = word{text: string(letters[:n]), style: wd.style, glued: wd.glued}
	tail = word{text: string(letters[n:]), style: wd.style, glued: true}
	head.width, tail.width = w.measure(head.text, wd.style, size), w.measure(tail.text, wd.style, size)
	return head, tail
}

// draw writes a line with its top at y. A justified line is stretched unless
// the text itself ends with it.
func (w *pdf) draw(line []word, x, y, width, size float64, a align) {
	if len(line) == 0 {
		return
	}
	var natural float64
	gaps := 0
	for i, wd := range line {
		natural += wd.width
		if i > 0 && !wd.glued {
			natural += w.measure(" ", wd.style, size)
			gaps++
		}
	}
	stretch := 0.0
	switch a {
	case center:
		x += (width - natural) / 2
	case right:
		x += width - natural
	case justify:
		if gaps > 0 && !line[len(line)-1].last {
			stretch = (width - natural) / float64(gaps)
			// Before a long address a line stays ragged rather than torn apart.
			if stretch > 3*w.measure(" ", line[0].style, size) {
				stretch = 0
			}
		}
	}
	base := y + size*mmPerPt*.95
	for i := 0; i < len(line); {
		// Words of one look are written as one text, with their spaces, so that
		// the text reads on when it is copied or searched.
		j, text, wide := i, "", 0.0
		for ; j < len(line) && line[j].style == line[i].style; j++ {
			if j > i && !line[j].glued {
				if stretch > 0 {
					break
				}
				text += " "
				wide += w.measure(" ", line[j].style, size)
			}
			text += line[j].text
			wide += line[j].width
		}
		gap := 0.0
		if j < len(line) && !line[j].glued {
			gap = w.measure(" ", line[j].style, size) + stretch
			text += " "
		}
		w.setFont(line[i].style, size)
		w.f.Text(x, base, text)
		x += wide + gap
		i = j
	}
}

func styleOf(r Run) string {
	s := ""
	if r.Bold {
		s = "B"
	}
	if r.Italic {
		s += "I"
	}
	return s
}

// breaks says where a line may be broken: at spaces, not at no-break spaces.
func breaks(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' }

func startsWithSpace(s string) bool { return breaks([]rune(s)[0]) }

func endsWithSpace(s string) bool {
	r := []rune(s)
	return len(r) > 0 && breaks(r[len(r)-1])
}

// clean drops control characters and what is outside the plane that the font
// format holds; such a letter is shown as the sign for "unreadable".
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		case r > 0xffff:
			return '\ufffd'
		}
		return r
	}, s)
}

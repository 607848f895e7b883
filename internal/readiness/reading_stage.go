package readiness

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Stage is what the investment column of a row gives.
type Stage struct {
	Key        string // option of the stage list; the best candidate when not sure
	Other      string // text of "Khác: ghi rõ"
	Time       Time
	Confidence float64 // of stage and time together
	Reason     string
}

// fillers are the words that stand between a stage and its time without
// changing either: "dự kiến hoàn thành, đưa vào khai thác chính thức tháng".
var fillers = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(
		"thoi gian du kien hoan thanh dua vao khai thac su dung chinh thuc trong thang quy nam den cuoi het ngay va la truoc vao t moc se",
	) {
		set[w] = true
	}
	return set
}()

// ReadStage parts the investment column into the stage and the expected time:
// "Triển khai mua sắm; dự kiến hoàn thành, đưa vào khai thác tháng 6/2023".
// A blank column and a list left standing give nothing, with the reason.
func ReadStage(tpl *Template, lines []Line) Stage {
	c := newChoices(tpl, StageList)
	heads := make([]Line, 0, len(lines))
	var when []string
	for _, l := range lines {
		text, marked := keptPiece(l)
		text, example := cutExample(dropInstruction(tpl, strings.TrimSpace(text)))
		head, tail := cutTime(text)
		if tail != "" {
			when = append(when, tail)
		}
		if head != "" {
			heads = append(heads, Line{{Text: head, Marked: marked}})
		}
		if example != "" {
			heads = append(heads, Line{{Text: "Ví dụ: " + example}})
		}
	}
	ch := c.read(tpl, heads)
	s := Stage{Key: ch.Key, Other: ch.Other, Confidence: ch.Confidence, Reason: ch.Reason}
	if len(when) > 0 {
		s.Time = ReadMonth(strings.Join(when, "\n"))
	}
	switch {
	case ch.Reason == ReasonExample && s.Time.Month == "":
		return s
	case ch.Key == "" && s.Time.Month != "":
		// A time without a stage: one of the two is missing.
		s.Confidence, s.Reason = 0.5, ReasonFree
		if ch.Reason == ReasonUntouched {
			s.Reason = ReasonUntouched
		}
	case s.Time.Reason == ReasonNoDate && s.Reason == "":
		// Words about the time that name none ("dự kiến hoàn thành sớm").
		s.Confidence, s.Reason = 0.6, ReasonNoDate
	case s.Time.Reason != "" && s.Reason == "":
		s.Confidence, s.Reason = min(s.Confidence, s.Time.Confidence), s.Time.Reason
	}
	return s
}

// cutTime parts a line where the words about the expected time begin. Dots in
// the place of the time ("tháng …/2023") are no time.
func cutTime(line string) (head, when string) {
	line = norm.NFC.String(line)
	ws := words(line)
	cut := -1
	for _, phrase := range [][]string{{"du", "kien"}, {"thoi", "gian", "hoan", "thanh"}, {"thoi", "gian", "du", "kien"}, {"thoi", "han"}} {
		if i := findWords(ws, phrase); i >= 0 && (cut < 0 || i < cut) {
			cut = i
		}
	}
	if cut < 0 {
		// No such words: the time begins after the last word that is neither a
		// filler nor a number, if a time is there at all.
		if times, _ := findTimes(line); len(times) == 0 {
			return strings.TrimSpace(line), ""
		}
		cut = len(ws)
		for cut > 0 && (fillers[ws[cut-1].fold] || isTimeWord(ws[cut-1].fold)) {
			cut--
		}
		// "Hoàn thành mua sắm 3/2023": never cut into the stage's own words.
		if cut == 0 {
			return "", strings.TrimSpace(line)
		}
	}
	if cut == len(ws) {
		return strings.TrimSpace(line), ""
	}
	head = strings.TrimRight(line[:ws[cut].start], " \t\u00a0;,.-–(:")
	when = line[ws[cut].start:]
	if onlyFillers(ws[cut:]) {
		when = "" // the form's own words with nothing filled in
	}
	return strings.TrimSpace(head), strings.TrimSpace(when)
}

func onlyFillers(ws []word) bool {
	for _, w := range ws {
		if !fillers[w.fold] {
			return false
		}
	}
	return true
}

func isTimeWord(w string) bool {
	switch w {
	case "i", "ii", "iii", "iv", "dau", "nua", "giua", "sau":
		return true
	}
	if w[0] == 't' || w[0] == 'q' {
		w = w[1:]
	}
	for i := range len(w) {
		if w[i] < '0' || w[i] > '9' {
			return false
		}
	}
	return w != ""
}

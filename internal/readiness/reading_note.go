package readiness

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// NoteFacts is what the note column of a row says beyond its words. The words
// themselves are kept whole in Note.
type NoteFacts struct {
	Note       string // the agency's words, without what the form had printed there
	Causes     []string
	Unmet      []string
	Counts     *Counts
	Decision   *LetterRef
	Confidence float64
	Reason     string
}

// ReadNote finds causes, unmet items, counts and the approving decision in the
// note of a row, as far as the row asks for them.
func ReadNote(row Row, lines []Line) NoteFacts {
	kept, example := withoutPrinted(row, lines)
	facts := NoteFacts{Note: strings.Join(kept, "\n"), Confidence: sure}
	if facts.Note == "" {
		if example {
			facts.Reason = ReasonExample
		}
		return facts
	}
	doubt := func(reason string, confidence float64) {
		if reason != "" && facts.Reason == "" {
			facts.Reason, facts.Confidence = reason, confidence
		}
	}
	if len(facts.Note) > longText {
		doubt(ReasonMore, 0.5)
		return facts
	}
	asks := func(a Ask) bool { return slices.Contains(row.Asks, a) }
	rest := facts.Note
	if asks(AskUnits) || asks(AskDevices) {
		var reason string
		facts.Counts, rest, reason = readCounts(rest)
		doubt(reason, 0.5)
	}
	if asks(AskDecision) {
		var reason string
		facts.Decision, reason = readDecision(rest)
		doubt(reason, 0.5)
	}
	if asks(AskUnmet) {
		facts.Unmet, rest = readUnmet(rest)
	}
	if asks(AskCause) {
		facts.Causes = readCauses(rest)
	}
	return facts
}

// withoutPrinted drops the form's own hints, references and examples from a
// note, and says whether an example stood there.
func withoutPrinted(row Row, lines []Line) (kept []string, example bool) {
	var printed []string
	for _, t := range []Text{row.Reference, row.NoteHint} {
		for _, s := range []string{t.Vi, t.En} {
			for line := range strings.SplitSeq(s, "\n") {
				if f := Fold(line); f != "" {
					printed = append(printed, f)
				}
			}
		}
	}
	for line := range strings.SplitSeq(Kept(lines), "\n") {
		line = strings.TrimSpace(norm.NFC.String(line))
		head, ex := cutExample(line)
		example = example || ex != ""
		if ex != "" && ownExample(row, ex) {
			line = head
		} else if ex != "" && IsExample(line) {
			line = ""
		} else if ex != "" && slices.Contains(printed, Fold(head)) {
			line = ""
		}
		for _, p := range printed {
			if ws := words(line); wordsAt(ws, 0, strings.Fields(p)) {
				// What the agency wrote after the hint is its answer.
				line = strings.TrimLeft(line[ws[len(strings.Fields(p))-1].end:], " \t\u00a0.:;,)-")
			}
		}
		if line != "" && !IsDots(line) {
			kept = append(kept, line)
		}
	}
	return kept, example
}

func ownExample(row Row, example string) bool {
	own := Fold(row.Example.Vi)
	return own != "" && strings.HasSuffix(own, Fold(example))
}

// readDecision finds the decision that approves a level dossier. Its day is read
// only when no other letter is named before it.
func readDecision(text string) (*LetterRef, string) {
	var numbers []string
	for _, s := range letterSign.FindAllString(text, -1) {
		if n := NormalNumber(s); !slices.Contains(numbers, n) && strings.Contains(plain(n), "qd") {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 {
		return nil, ""
	}
	ref := FindLetter(text)
	if ref.Number != numbers[0] { // another letter is named before it
		ref = LetterRef{Number: numbers[0]}
	}
	if len(numbers) > 1 {
		return &ref, ReasonManyNumbers
	}
	return &ref, ""
}

var unmetLabel = regexp.MustCompile(
	`(?i)(?:danh sách\s+)?(?:các\s+|những\s+|một số\s+)?` +
		`(?:chức năng|tính năng|yêu cầu|nội dung|hạng mục|giải pháp|thiết bị|trang thiết bị)` +
		`(?:\s+chính)?(?:\s+còn)?\s+(?:chưa|thiếu)(?:\s+\p{L}+){0,3}\s*:[ \t]*`,
)

// readUnmet finds the list after "Các chức năng chính chưa đáp ứng:" and gives
// the text without it.
func readUnmet(text string) (items []string, rest string) {
	at := unmetLabel.FindStringIndex(text)
	if at == nil {
		return nil, text
	}
	tail := text[at[1]:]
	end := len(tail)
	if first, _, many := strings.Cut(tail, "\n"); many && strings.TrimSpace(first) != "" {
		end = len(first)
	}
	if i := sentenceEnd.FindStringIndex(tail[:end]); i != nil {
		end = i[0]
	}
	list := tail[:end]
	cut := ","
	switch {
	case strings.Contains(list, "\n"):
		cut = "\n"
	case strings.Contains(list, ";"):
		cut = ";"
	}
	for item := range strings.SplitSeq(list, cut) {
		if item = strings.TrimRight(trimMarks(item), "….; "); item != "" {
			items = append(items, item)
		}
	}
	return items, text[:at[0]] + tail[end:]
}

var (
	sentenceEnd = regexp.MustCompile(`[.]\s+\p{Lu}|[.]\s*\n`)
	causeLabel  = regexp.MustCompile(`(?i)^(?:các\s+)?(?:nguyên nhân|lý do|lí do)[^:]{0,60}:\s*`)
)

// readCauses takes what is left of a note as causes, one for each sentence.
func readCauses(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		for part := range strings.SplitSeq(line, ";") {
			for _, s := range sentences(part) {
				s = causeLabel.ReplaceAllString(trimMarks(s), "")
				if s = trimMarks(s); s != "" && !IsNothing(s) && !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// sentences parts text at full stops that a capital letter follows.
func sentences(text string) []string {
	var out []string
	for {
		at := sentenceEnd.FindStringIndex(text)
		if at == nil {
			return append(out, text)
		}
		out = append(out, text[:at[0]])
		text = strings.TrimLeft(text[at[0]+1:], " \t\u00a0")
	}
}

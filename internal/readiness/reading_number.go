package readiness

import (
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/clock"
)

var (
	letterSign = regexp.MustCompile(
		`(\d+[A-Za-z]?)\s*/\s*((?:\d{4}\s*/\s*)?\p{L}[\p{L}\d&]*(?:(?:[/\-–.]|\s*[/\-–]\s*)[\p{Lu}\d][\p{L}\d&]*|[/\-–][\p{L}\d&]+)*)`,
	)
	dayInWords  = regexp.MustCompile(`(?i)ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})`)
	dayInDigits = regexp.MustCompile(`(?i)(?:ngày\s*)?\b(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})\b`)
	numberSpace = regexp.MustCompile(`\s*([/\-–])\s*`)
)

// NormalNumber is the number of an official letter as it is kept: no spaces,
// plain hyphens, capitals ("488 /btttt – CĐSQG" is "488/BTTTT-CĐSQG").
func NormalNumber(s string) string {
	s = numberSpace.ReplaceAllStringFunc(strings.TrimSpace(norm.NFC.String(s)), func(m string) string {
		if strings.Contains(m, "/") {
			return "/"
		}
		return "-"
	})
	s = strings.Join(strings.Fields(s), "")
	number, sign, ok := strings.Cut(s, "/")
	if !ok {
		return strings.ToUpper(s)
	}
	// "QĐ-TTg" and "CTg" have a small letter of their own.
	parts := strings.Split(sign, "-")
	for i, p := range parts {
		switch strings.ToUpper(p) {
		case "TTG":
			parts[i] = "TTg"
		case "CTG":
			parts[i] = "CTg"
		default:
			parts[i] = strings.ToUpper(p)
		}
	}
	return strings.ToUpper(number) + "/" + strings.Join(parts, "-")
}

// FindLetter finds the number and the day of a letter in text such as
// "(Kèm theo Văn bản số 812/UBND-CNN&XD ngày 24/02/2023)". It is the zero value
// when there is no number.
func FindLetter(text string) LetterRef {
	text = norm.NFC.String(text)
	at := letterSign.FindStringSubmatchIndex(text)
	if at == nil {
		return LetterRef{}
	}
	ref := LetterRef{Number: NormalNumber(strings.TrimRight(text[at[0]:at[1]], ". "))}
	ref.Date = FindDay(text[at[1]:])
	return ref
}

// FindNumbers lists the numbers of all letters that a text names.
func FindNumbers(text string) []string {
	var out []string
	for _, m := range letterSign.FindAllString(norm.NFC.String(text), -1) {
		out = append(out, NormalNumber(strings.TrimRight(m, ". ")))
	}
	return out
}

// FindDay is the first day named in a text, or zero.
func FindDay(text string) clock.Date {
	for _, re := range []*regexp.Regexp{dayInWords, dayInDigits} {
		if g := re.FindStringSubmatch(text); g != nil {
			d, m, y := number(g[1]), number(g[2]), number(g[3])
			if t := readDay(g[1:]); t.Reason == "" {
				return clock.NewDate(y, time.Month(m), d)
			}
		}
	}
	return clock.Date{}
}

package readiness

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Time is an expected time as text gives it.
type Time struct {
	Month      Month // the last month of the period; the latest candidate when not sure
	Precision  Precision
	Confidence float64
	Reason     string
}

// timePattern is one way of writing a time. It is matched on plain text (lower
// case, no accents), the most exact ways first; what it matched is then taken
// out, so that "31/12/2023" is not also "12/2023".
type timePattern struct {
	re *regexp.Regexp
	// read turns the groups into a time; an impossible one has a Reason.
	read func(g []string) Time
}

const (
	sep  = `\s*[/.\-]\s*`
	year = `((?:19|20|21)\d\d)`
)

var timePatterns = []timePattern{
	{regexp.MustCompile(`(?:ngay\s*)?\b(\d{1,2})\s*thang\s*(\d{1,2})\s*(?:,|/)?\s*(?:nam\s*)?` + year + `\b`), readDay},
	// A day has one sign twice: "6-9/2023" is a range of months.
	{regexp.MustCompile(`\b(\d{1,2})\s*/\s*(\d{1,2})\s*/\s*` + year + `\b`), readDay},
	{regexp.MustCompile(`\b(\d{1,2})\s*\.\s*(\d{1,2})\s*\.\s*` + year + `\b`), readDay},
	{regexp.MustCompile(`\b(\d{1,2})\s*-\s*(\d{1,2})\s*-\s*` + year + `\b`), readDay},
	{regexp.MustCompile(`\b` + year + `-(\d{2})-(\d{2})\b`), func(g []string) Time { return readDay([]string{g[2], g[1], g[0]}) }},
	{regexp.MustCompile(`\bqu[yi]\s*(iv|iii|ii|i|[1-4])\s*(?:,|/|\.|-|cua)?\s*(?:nam\s*)?` + year + `\b`), readQuarter},
	{regexp.MustCompile(`\bq\s*(iv|iii|ii|i|[1-4])\s*(?:,|/|\.|-)?\s*` + year + `\b`), readQuarter},
	{regexp.MustCompile(`\b(?:0?6|sau)\s*thang\s*(dau|cuoi)\s*(?:cua\s*)?(?:nam\s*)?` + year + `\b`), readHalf},
	{regexp.MustCompile(`\bnua\s*(dau|cuoi)\s*(?:cua\s*)?nam\s*` + year + `\b`), readHalf},
	{regexp.MustCompile(`\b(?:thang|t)\s*\.?\s*(\d{1,3})\s*(?:[/.\-,]|nam)?\s*(?:nam\s*)?` + year + `\b`), readMonthOf},
	{regexp.MustCompile(`\b(\d{1,2})` + sep + year + `\b`), readMonthOf},
	{regexp.MustCompile(`\b` + year + `-(\d{2})\b`), func(g []string) Time { return readMonthOf([]string{g[1], g[0]}) }},
	{regexp.MustCompile(`\b(dau|giua)\s*nam\s*` + year + `\b`), readVague},
	{regexp.MustCompile(`\b(?:(?:het|cuoi|trong|den|truoc|vao)\s*)*nam\s*` + year + `\b`), readYear},
	// What follows is never sure.
	{regexp.MustCompile(`(?:\b(?:thang|t)\s*)?\b(\d{1,2})` + sep + `(0\d\d|\d\d)\b`), readShort},
	{regexp.MustCompile(`\b(?:thang|t)\s*(\d{1,2})\b`), func(g []string) Time { return Time{Reason: ReasonNoYear, Confidence: 0.2} }},
	{regexp.MustCompile(`\bquy\s*(iv|iii|ii|i|[1-4])\b`), func(g []string) Time { return Time{Reason: ReasonNoYear, Confidence: 0.2} }},
	{regexp.MustCompile(`\b` + year + `\b`), readBareYear},
}

// afterTime is a time that only bounds the expected one from below. It is
// matched with accents: "sáu tháng" is six months, "sau tháng" is after.
var afterTime = regexp.MustCompile(`(?i)(^|[^\p{L}])sau\s+(tháng|quý|năm|ngày|t?\d)`)

// looseTime is a number that no time took: the other end of a range ("6-9/2023", "quý
// II-III/2023", "tháng 6 hoặc 7/2023"), or something that the time is only a part of
// ("xong giai đoạn 1 tháng 6/2023").
var looseTime = regexp.MustCompile(`\d|\b(?:i|ii|iii|iv)\s*(?:[-,/]|va|den|hoac)\s*(?:quy\s*)?#`)

// ReadMonth reads an expected time: a day, a month, a quarter, a half or a year.
// The month is the last of the period. Text without a time has no month and the
// reason ReasonNoDate; empty text has neither.
func ReadMonth(text string) Time {
	if strings.TrimSpace(text) == "" {
		return Time{}
	}
	if len(text) > longText {
		return Time{Reason: ReasonNoDate}
	}
	times, rest := findTimes(text)
	if len(times) == 0 {
		return Time{Reason: ReasonNoDate}
	}
	best := times[0]
	for _, t := range times[1:] {
		if t.Month > best.Month {
			best.Month, best.Precision = t.Month, t.Precision
		}
		best.Confidence = min(best.Confidence, t.Confidence)
		if best.Reason == "" {
			best.Reason = t.Reason
		}
	}
	for _, t := range times[1:] {
		if t.Month != times[0].Month {
			best.Confidence, best.Reason = min(best.Confidence, 0.4), ReasonManyDates
		}
	}
	if best.Reason == "" && looseTime.MatchString(rest) {
		best.Confidence, best.Reason = 0.4, ReasonManyDates
	}
	if best.Reason == "" && afterTime.MatchString(norm.NFC.String(text)) {
		best.Confidence, best.Reason = 0.4, ReasonVagueDate
	}
	return best
}

// findTimes lists the times in a text, and the text (plain) without them.
func findTimes(text string) ([]Time, string) {
	if len(text) > longText {
		return nil, text
	}
	rest := plain(norm.NFC.String(text))
	var times []Time
	for _, p := range timePatterns {
		for _, at := range p.re.FindAllStringSubmatchIndex(rest, -1) {
			g := make([]string, 0, len(at)/2-1)
			for i := 2; i < len(at); i += 2 {
				g = append(g, rest[at[i]:at[i+1]])
			}
			times = append(times, p.read(g))
			rest = rest[:at[0]] + strings.Repeat("#", at[1]-at[0]) + rest[at[1]:]
		}
	}
	return times, rest
}

func monthOf(y, m int) Month { return Month(fmt.Sprintf("%04d-%02d", y, m)) }

func number(s string) int {
	n, _ := strconv.Atoi(s) // the patterns let digits through only
	return n
}

// plausible keeps times within the years that a plan can name.
func plausible(t Time, y int) Time {
	if y < 2000 || y > 2099 {
		return Time{Confidence: 0.2, Reason: ReasonImpossible}
	}
	return t
}

func readDay(g []string) Time {
	d, m, y := number(g[0]), number(g[1]), number(g[2])
	if m < 1 || m > 12 {
		return Time{Confidence: 0.2, Reason: ReasonImpossible}
	}
	t := Time{Month: monthOf(y, m), Precision: ByDay, Confidence: sure}
	if d < 1 || time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Day() != d {
		t.Precision, t.Confidence, t.Reason = ByMonth, 0.5, ReasonImpossible
	}
	return plausible(t, y)
}

func readMonthOf(g []string) Time {
	m, y := number(g[0]), number(g[1])
	if m < 1 || m > 12 {
		return Time{Confidence: 0.2, Reason: ReasonImpossible}
	}
	return plausible(Time{Month: monthOf(y, m), Precision: ByMonth, Confidence: sure}, y)
}

func readQuarter(g []string) Time {
	q := map[string]int{"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}[g[0]]
	y := number(g[1])
	return plausible(Time{Month: monthOf(y, 3*q), Precision: ByQuarter, Confidence: sure}, y)
}

func readHalf(g []string) Time {
	m := 6
	if g[0] == "cuoi" {
		m = 12
	}
	y := number(g[1])
	return plausible(Time{Month: monthOf(y, m), Precision: ByHalf, Confidence: sure}, y)
}

func readYear(g []string) Time {
	y := number(g[0])
	return plausible(Time{Month: monthOf(y, 12), Precision: ByYear, Confidence: sure}, y)
}

func readVague(g []string) Time {
	m := 3
	if g[0] == "giua" {
		m = 6
	}
	y := number(g[1])
	return plausible(Time{Month: monthOf(y, m), Precision: ByQuarter, Confidence: 0.5, Reason: ReasonVagueDate}, y)
}

// readShort reads "6/23" and the slip "6/023": this century is likely, not sure.
func readShort(g []string) Time {
	m, y := number(g[0]), 2000+number(g[1])
	if m < 1 || m > 12 || y < 2015 || y > 2059 {
		return Time{Confidence: 0.2, Reason: ReasonImpossible}
	}
	return Time{Month: monthOf(y, m), Precision: ByMonth, Confidence: 0.6, Reason: ReasonShortYear}
}

func readBareYear(g []string) Time {
	y := number(g[0])
	return plausible(Time{Month: monthOf(y, 12), Precision: ByYear, Confidence: 0.6, Reason: ReasonVagueDate}, y)
}

package readiness

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/clock"
)

// The reasons for which a value of a form's own column is doubted. Each is a message key.
const (
	ReasonNotValue   = "readiness.problem.value_unread"       // none of the column's kind
	ReasonOutOfRange = "readiness.problem.value_out_of_range" // beyond the bounds that the form sets
	ReasonDecimals   = "readiness.problem.value_decimals"     // more decimals than the form asks for
	ReasonPartWhole  = "readiness.problem.value_part_whole"   // a part larger than its whole
	ReasonShortDate  = "readiness.problem.value_short_date"   // 1/7/23
	ReasonQuestion   = "readiness.problem.value_question"     // a question mark, a footnote mark
	ReasonValueMore  = "readiness.problem.value_more"         // a number with words that may change it
)

// Value is what a cell of a form's own column says.
type Value struct {
	Text       string // as Answer.Values keeps it; the best candidate when it is not sure
	Confidence float64
	Reason     string // empty when sure
}

// ReadValue reads a cell of a form's own column. It is sure only when the cell says one
// value of the column's kind and nothing else.
func ReadValue(tpl *Template, c Column, lines []Line) Value {
	kept := norm.NFC.String(Kept(lines))
	text, example := cutExample(kept)
	text = strings.TrimSpace(text)
	switch {
	case text == "" && example != "":
		return Value{Confidence: sure, Reason: ReasonExample}
	case text == "" || IsDots(text):
		return Value{Reason: ReasonBlank}
	}
	switch c.Kind {
	case ChoiceColumn, YesNoColumn:
		return chosenValue(choicesOf(tpl.Choices(c)).read(tpl, lines), text)
	case NumberColumn, DateColumn, CountsColumn:
		if len(text) > longText {
			return Value{Reason: ReasonNotValue}
		}
		v := readTyped(tpl, c, text)
		if v.Text != "" && v.Reason == "" {
			if v.Reason = CheckValue(tpl, c, v.Text); v.Reason != "" {
				v.Confidence = 0.5
			}
		}
		return v
	case TextColumn:
	}
	return Value{Text: text, Confidence: sure}
}

// chosenValue is a choice as a value. "Có?" is no answer, however well it is read.
func chosenValue(c Chosen, text string) Value {
	v := Value{Text: c.Key, Confidence: c.Confidence, Reason: c.Reason}
	if v.Reason == "" && doubtSigns.MatchString(text) {
		v.Confidence, v.Reason = 0.5, ReasonQuestion
	}
	return v
}

// yesOrNo are the two choices of a YesNoColumn with the words in which officials say them.
var yesOrNo = []Option{
	{Key: Yes, Text: Text{Vi: "Có", En: "Yes"}, Aliases: []string{"Đã có", "Rồi", "Đúng", "Đạt", "True"}},
	{Key: No, Text: Text{Vi: "Không", En: "No"}, Aliases: []string{"Chưa", "Chưa có", "Không có", "Không đạt", "Chưa đạt", "False"}},
}

var (
	doubtSigns = regexp.MustCompile(`[?？⁇؟*¹²³†~≈±<>≥≤%]`)
	aDay       = regexp.MustCompile(`^(?:ngay\s*)?(\d{1,2})\s*(?:[/.\-]|\s+thang\s+)\s*(\d{1,2})\s*(?:[/.\-]|\s+nam\s+)\s*(\d{4}|\d{2})$`)
	isoDay     = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]00:00(?::00)?)?$`)
	aNumber    = regexp.MustCompile(`^([-+]?)(\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+)(?:([.,])(\d+))?$`)
	inNumber   = regexp.MustCompile(`[-+]?\d[\d.,]*`)
	aPair      = regexp.MustCompile(`^(\d[\d., ]*?)\s*(?:/|tren tong so|tren)\s*(\d[\d., ]*)$`)
)

// readTyped reads a text that should be a number, a day or counts.
func readTyped(tpl *Template, c Column, text string) Value {
	low := strings.TrimSpace(strings.TrimRight(plain(text), " .;"))
	own := low
	for _, unit := range []string{c.Unit.Vi, c.Unit.En} { // "25 giường" in a column that counts beds
		if u := plain(unit); u != "" {
			own = strings.TrimSpace(strings.TrimSuffix(own, u))
		}
	}
	if own == "" || IsDots(own) { // only what the form prints behind the field
		return Value{Reason: ReasonBlank}
	}
	var v Value
	switch c.Kind {
	case DateColumn:
		v = readDate(own)
	case CountsColumn:
		v = readPair(own)
	default:
		v = readNumber(own, c.Decimals)
	}
	if v.Text == "" && v.Reason == ReasonNotValue {
		// Something else stands there too: what it looks like is only a candidate.
		if n := inNumber.FindAllString(own, -1); c.Kind == NumberColumn && len(n) == 1 {
			v.Text, v.Confidence = readNumber(strings.TrimRight(n[0], ".,"), c.Decimals).Text, 0.4
			v.Reason = ReasonValueMore
		}
	}
	return v
}

// readNumber reads a number in the ways in which it is written in Vietnamese and in English.
// 1.234 and 1,234 are a thousand in one country and a fraction in the other.
func readNumber(s string, decimals int) Value {
	m := aNumber.FindStringSubmatch(s)
	if m == nil {
		return Value{Reason: ReasonNotValue}
	}
	whole, sign, point, fraction := m[2], strings.TrimPrefix(m[1], "+"), m[3], m[4]
	groups := strings.ContainsAny(whole, ".,")
	if groups && strings.Contains(whole, point) && point != "" {
		return Value{Reason: ReasonNotValue} // 1.234.5
	}
	digits := strings.NewReplacer(".", "", ",", "", " ", "").Replace(whole)
	v := Value{Text: canonical(sign, digits, fraction), Confidence: sure}
	switch {
	case len(digits)+len(fraction) > 15:
		return Value{Reason: ReasonNotValue}
	case HasTwoReadings(s) && !strings.HasPrefix(s, "0"):
		if !groups && len(fraction) == 3 && decimals < 3 {
			v.Text = canonical(sign, digits+fraction, "") // in the Vietnamese way, a thousand
		}
		v.Confidence, v.Reason = 0.5, ReasonTwoReadings
	}
	return v
}

func canonical(sign, digits, fraction string) string {
	digits, fraction = strings.TrimLeft(digits, "0"), strings.TrimRight(fraction, "0")
	if digits == "" {
		digits = "0"
	}
	if fraction != "" {
		digits += "." + fraction
	}
	if digits == "0" {
		sign = ""
	}
	return sign + digits
}

func readDate(s string) Value {
	var y, m, d int
	short := false
	if g := isoDay.FindStringSubmatch(s); g != nil {
		y, m, d = number(g[1]), number(g[2]), number(g[3])
	} else if g := aDay.FindStringSubmatch(s); g != nil {
		d, m, y = number(g[1]), number(g[2]), number(g[3])
		if short = len(g[3]) == 2; short {
			y += 2000
		}
	} else {
		return Value{Reason: ReasonNotValue}
	}
	text := fmt.Sprintf("%04d-%02d-%02d", y, m, d)
	if _, err := clock.ParseDate(text); err != nil {
		return Value{Reason: ReasonImpossible, Confidence: 0.2}
	}
	if short {
		return Value{Text: text, Confidence: 0.5, Reason: ReasonShortDate}
	}
	return Value{Text: text, Confidence: sure}
}

func readPair(s string) Value {
	m := aPair.FindStringSubmatch(s)
	if m == nil {
		return Value{Reason: ReasonNotValue}
	}
	part, whole := readNumber(strings.TrimSpace(m[1]), 0), readNumber(strings.TrimSpace(m[2]), 0)
	for _, n := range []Value{part, whole} {
		if n.Text == "" || strings.Contains(n.Text, ".") {
			return Value{Reason: ReasonNotValue}
		}
	}
	v := Value{Text: part.Text + "/" + whole.Text, Confidence: min(part.Confidence, whole.Confidence), Reason: part.Reason}
	if v.Reason == "" {
		v.Reason = whole.Reason
	}
	return v
}

// TakeValue makes a value of what a person typed or chose on a page. What cannot be
// understood, or in two ways, has its reason; what is understood and only looks wrong is a
// value, and CheckValue says so.
func TakeValue(tpl *Template, c Column, text string) (value, reason string) {
	if len(tpl.Choices(c)) > 0 {
		if text != "" && CheckValue(tpl, c, text) != "" {
			return "", ReasonNotValue
		}
		return text, ""
	}
	v := ReadValue(tpl, c, LinesOf(text))
	switch v.Reason {
	case "", ReasonBlank, ReasonOutOfRange, ReasonDecimals, ReasonPartWhole:
		return v.Text, ""
	}
	return "", v.Reason
}

// TypedValue is what an answer says in a column as one types it there: the key of a choice,
// a value as people write it, or what stood on the paper while that is not decided.
func TypedValue(tpl *Template, c Column, a Answer, lang string) string {
	value := a.Values[c.Key]
	if len(tpl.Choices(c)) > 0 {
		return value
	}
	if r, read := a.Readings[c.Key]; read && (value == "" || !r.IsSure()) {
		return r.Raw
	}
	return ShowValue(tpl, c, value).In(lang)
}

// countsOf takes the value of a CountsColumn apart.
func countsOf(value string) (part, whole int, ok bool) {
	a, b, cut := strings.Cut(value, "/")
	part, err1 := strconv.Atoi(a)
	whole, err2 := strconv.Atoi(b)
	return part, whole, cut && err1 == nil && err2 == nil && part >= 0 && whole >= 0
}

// CheckValue says why a value cannot stand in a column: ReasonNotValue when it is none
// of its kind, another reason when it is one to be doubted, "" when nothing is wrong.
func CheckValue(tpl *Template, c Column, value string) string {
	switch c.Kind {
	case NumberColumn:
		n, err := strconv.ParseFloat(value, 64)
		_, fraction, _ := strings.Cut(value, ".")
		switch {
		case err != nil || aNumber.FindString(value) == "":
			return ReasonNotValue
		case c.Min != nil && n < *c.Min, c.Max != nil && n > *c.Max:
			return ReasonOutOfRange
		case len(fraction) > c.Decimals:
			return ReasonDecimals
		}
	case DateColumn:
		d, err := clock.ParseDate(value)
		switch {
		case err != nil:
			return ReasonNotValue
		case !c.From.IsZero() && d.Before(c.From), !c.Until.IsZero() && c.Until.Before(d), d.Year() < 1900, d.Year() > 2100:
			return ReasonOutOfRange
		}
	case YesNoColumn, ChoiceColumn:
		if _, ok := optionOf(tpl.Choices(c), value); !ok {
			return ReasonNotValue
		}
	case CountsColumn:
		part, whole, ok := countsOf(value)
		switch {
		case !ok:
			return ReasonNotValue
		case part > whole:
			return ReasonPartWhole
		}
	case TextColumn:
	}
	return ""
}

// Shown is what an answer says in a column of the form's own, for people: its value with
// what it counts, or what stood on the paper while that is not decided.
func (t *Template) Shown(c Column, a Answer) Text {
	value := a.Values[c.Key]
	if r, read := a.Readings[c.Key]; read && r.Raw != "" && (value == "" || !r.IsSure()) {
		return Text{Vi: r.Raw, En: r.Raw}
	}
	s := ShowValue(t, c, value)
	if value != "" && c.Kind == NumberColumn && c.Unit.Vi != "" {
		return Text{Vi: s.Vi + " " + c.Unit.Vi, En: s.En + " " + c.Unit.In("en")}
	}
	return s
}

// ShowValue writes a value as people write it, in both languages: "12,5" and "12.5",
// "30/11/2026", the words of an option. Numbers have no separators of thousands, so that
// each can be read in one way only. What is no value of the column is given as it is.
func ShowValue(tpl *Template, c Column, value string) Text {
	both := Text{Vi: value, En: value}
	switch c.Kind {
	case NumberColumn:
		return Text{Vi: strings.Replace(value, ".", ",", 1), En: value}
	case DateColumn:
		if d, err := clock.ParseDate(value); err == nil {
			s := shownDay(d)
			return Text{Vi: s, En: s}
		}
	case YesNoColumn, ChoiceColumn:
		if o, ok := optionOf(tpl.Choices(c), value); ok {
			return o.Text
		}
	case TextColumn, CountsColumn:
	}
	return both
}

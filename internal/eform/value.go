package eform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/mail/mailaddress"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// How long texts may be when a question says nothing of it, in characters.
const (
	longLine = 200
	longText = 2000
	longName = 100
	mostFile = 10
)

// CardKinds are the kinds of identity papers, as a card question takes them. The first
// three are the register's.
var CardKinds = []string{"CCCD", "CC", "CMND", "passport", "other"}

// Normal gives an answer its one form, "20/11/2026" as 2026-11-20 and "1.000.000 đ" as
// 1000000, or says what is wrong with it: a fault of kind Invalid that says how to mend it.
// A zero value is nobody's fault here: see Check. Whether an option or a cross check holds
// is known by Check alone.
func (q *Question) Normal(v Value, facts Facts) (Value, *fault.Error) {
	if v.IsZero() {
		return Value{}, nil
	}
	if f := q.foreign(v); f != nil {
		return v, f
	}
	var out string
	var wrong *fault.Error
	text := line(v.Text)
	switch q.Kind {
	case KindAddress:
		return q.place(v, facts)
	case KindCard:
		return cardPaper(v, facts)
	case KindFile:
		return files(q, v)
	case KindLong:
		out, wrong = q.length(paragraphs(v.Text), longText)
	case KindName:
		out, wrong = name(v.Text)
	case KindNumber:
		out, wrong = number(text)
	case KindDate, KindPartial:
		out, wrong = day(text, q.Kind == KindDate)
	case KindChoice:
		out, wrong = text, nil
		if !slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == text }) {
			wrong = invalid("eform.wrong.option", nil)
		}
	case KindCode:
		out, wrong = q.code(text)
	case KindYes:
		if out = text; text != "yes" && text != "no" {
			wrong = invalid("eform.wrong.yes", nil)
		}
	case KindCount:
		out, wrong = q.count(text)
	case KindAmount:
		out, wrong = q.amount(text)
	case KindPhone:
		out, wrong = phone(text)
	case KindEmail:
		out, wrong = email(text)
	case KindText:
		out, wrong = q.length(text, longLine)
	default:
		return v, invalid("eform.wrong.kind", nil)
	}
	if wrong != nil {
		return v, wrong
	}
	return Value{Text: out}, nil
}

func invalid(key string, args fault.Args) *fault.Error { return fault.New(fault.Invalid, key, args) }

// foreign says that a value has a part that its question does not have: a list of files as
// somebody's name.
func (q *Question) foreign(v Value) *fault.Error {
	bad := v.Place != nil && q.Kind != KindAddress || v.Card != nil && q.Kind != KindCard || v.Files != nil && q.Kind != KindFile ||
		v.Text != "" && (q.Kind == KindCard || q.Kind == KindFile)
	if bad {
		return invalid("eform.wrong.kind", nil)
	}
	return nil
}

// line is a text on one line, without what nobody sees.
func line(s string) string { return spelling.Clean(strings.ToValidUTF8(s, "\uFFFD")) }

// paragraphs is a text on several lines, at most one empty one between them.
func paragraphs(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		l = line(l)
		if l == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, l)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

// length checks a text that may be anything that people write.
func (q *Question) length(s string, most int) (string, *fault.Error) {
	if q.Max > 0 {
		most = q.Max
	}
	n := utf8.RuneCountInString(s)
	switch {
	case strings.ContainsRune(s, utf8.RuneError):
		return s, invalid("eform.wrong.lost", nil)
	case strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }):
		return s, invalid("eform.wrong.control", nil)
	case n > most:
		return s, invalid("eform.wrong.long", fault.Args{"n": n, "most": most})
	case n > 0 && n < q.Min:
		return s, invalid("eform.wrong.short", fault.Args{"n": n, "least": q.Min})
	}
	return s, nil
}

func name(s string) (string, *fault.Error) {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if doubt, ok := citizen.DoubtName(s); ok {
		return s, doubt.Fault()
	}
	out, err := citizen.ParseName(s)
	if err != nil {
		return s, orInvalid(err, "eform.wrong.name")
	}
	if n := utf8.RuneCountInString(out); n > longName {
		return s, invalid("eform.wrong.long", fault.Args{"n": n, "most": longName})
	}
	return out, nil
}

// orInvalid is the fault in err, or one with a key of ours.
func orInvalid(err error, key string) *fault.Error {
	if f := fault.As(err); f != nil {
		return f
	}
	return invalid(key, nil)
}

// digits are the digits of a text in which people part them; ok is false when there is
// anything else.
func digits(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 0xFF10 && r <= 0xFF19: // of full width
			b.WriteRune(r - 0xFF10 + '0')
		case r == ' ' || r == '.' || r == '-':
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

func number(s string) (string, *fault.Error) {
	only, ok := digits(s)
	if !ok {
		only = s
	}
	n, err := citizen.ParseNumber(only)
	if err != nil {
		return s, orInvalid(err, "citizen.number.digits")
	}
	return n.Reveal(), nil
}

// day reads a day, whole or with parts that are not known.
func day(s string, whole bool) (string, *fault.Error) {
	s = strings.ReplaceAll(s, " ", "")
	d, err := citizen.ParseDay(s)
	switch {
	case err != nil || d == 0:
		if impossible(s) {
			return s, invalid("eform.wrong.day", fault.Args{"text": s})
		}
		return s, invalid("citizen.day.bad", nil)
	case whole && !d.Whole():
		return s, invalid("eform.wrong.day_part", nil)
	}
	return d.String(), nil
}

var dayShape = regexp.MustCompile(`^(\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})$`)

// impossible says that a text has the shape of a day and is none that there is: 31/02/2026.
func impossible(s string) bool { return dayShape.MatchString(s) }

func (q *Question) code(s string) (string, *fault.Error) {
	l, ok := ListOf(q.List)
	if !ok {
		return s, invalid("eform.wrong.kind", nil)
	}
	if item, found := l.Find(s); !found || item.Unsaid {
		return s, invalid("eform.wrong.option", nil)
	}
	return s, nil
}

// whole reads a whole number as people write it: 1000000, 1.000.000, 1,000,000, 1 000 000.
func whole(s string) (int64, bool) {
	for _, sep := range []string{".", ",", " "} {
		parts := strings.Split(s, sep)
		if len(parts) == 1 {
			continue
		}
		for i, p := range parts {
			if i > 0 && len(p) != 3 || i == 0 && (len(p) == 0 || len(p) > 3) {
				return 0, false
			}
		}
		s = strings.Join(parts, "")
	}
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Bounds of counts and amounts of which the question says nothing.
const (
	mostCount  = 1_000_000
	mostAmount = 1_000_000_000_000_000
)

func (q *Question) within(n int64, most int64) *fault.Error {
	if q.Max > 0 {
		most = int64(q.Max)
	}
	switch {
	case n > most:
		return invalid("eform.wrong.most", fault.Args{"most": most})
	case n < int64(q.Min):
		return invalid("eform.wrong.least", fault.Args{"least": q.Min})
	}
	return nil
}

func (q *Question) count(s string) (string, *fault.Error) {
	n, ok := whole(s)
	if !ok {
		return s, invalid("eform.wrong.count", nil)
	}
	return strconv.FormatInt(n, 10), q.within(n, mostCount)
}

func (q *Question) amount(s string) (string, *fault.Error) {
	bare := strings.TrimSpace(strings.ToLower(s))
	for _, unit := range []string{"vnđ", "vnd", "đồng", "dong", "₫", "đ"} {
		if cut, ok := strings.CutSuffix(bare, unit); ok {
			bare = strings.TrimSpace(cut)
			break
		}
	}
	n, ok := whole(bare)
	if !ok {
		return s, invalid("eform.wrong.amount", nil)
	}
	return strconv.FormatInt(n, 10), q.within(n, mostAmount)
}

// phone reads a telephone number.
func phone(s string) (string, *fault.Error) {
	number, err := citizen.ParsePhone(s)
	if err != nil {
		return s, fault.As(err)
	}
	return number, nil
}

func email(s string) (string, *fault.Error) {
	address, err := mailaddress.Parse(s)
	if err != nil {
		return s, invalid("eform.wrong.email", nil)
	}
	return address, nil
}

var (
	twelveDigits   = regexp.MustCompile(`^\d{12}$`)
	serialDigits   = map[string]*regexp.Regexp{"CCCD": twelveDigits, "CC": twelveDigits, "CMND": regexp.MustCompile(`^(\d{9}|\d{12})$`)}
	passportSerial = regexp.MustCompile(`^[A-Z0-9]{6,12}$`)
)

// cardPaper reads an identity paper: which, and its number; when and by whom it was issued
// as far as that is said.
func cardPaper(v Value, facts Facts) (Value, *fault.Error) {
	if v.Card == nil {
		return v, invalid("eform.wrong.kind", nil)
	}
	card := CardPaper{Kind: line(v.Card.Kind), Serial: strings.ToUpper(line(v.Card.Serial)), By: line(v.Card.By)}
	switch {
	case !slices.Contains(CardKinds, card.Kind):
		return v, invalid("eform.wrong.card_kind", nil)
	case card.Serial == "":
		return v, invalid("eform.wrong.card_serial_missing", nil)
	}
	if shape, ok := serialDigits[card.Kind]; ok {
		only, good := digits(card.Serial)
		if !good || !shape.MatchString(only) {
			return v, invalid("eform.wrong.card_serial", fault.Args{"kind": card.Kind})
		}
		card.Serial = only
	} else if card.Serial = strings.ReplaceAll(card.Serial, " ", ""); card.Kind == "passport" && !passportSerial.MatchString(card.Serial) {
		return v, invalid("eform.wrong.passport", nil)
	}
	plain := Question{Kind: KindText}
	if _, wrong := plain.length(card.Serial, 40); wrong != nil {
		return v, wrong
	}
	if _, wrong := plain.length(card.By, longLine); wrong != nil {
		return v, wrong
	}
	if said := line(v.Card.Issued); said != "" {
		issued, wrong := day(said, true)
		if wrong != nil {
			return v, wrong
		}
		if card.Issued = issued; !facts.Today.IsZero() && citizen.MustDay(issued).Date().After(facts.Today) {
			return v, invalid("eform.wrong.future", nil)
		}
	}
	return Value{Card: &card}, nil
}

func files(q *Question, v Value) (Value, *fault.Error) {
	most := mostFile
	if q.Max > 0 {
		most = q.Max
	}
	switch {
	case len(v.Files) > most:
		return v, invalid("eform.wrong.files", fault.Args{"n": len(v.Files), "most": most})
	case slices.ContainsFunc(v.Files, func(id string) bool { return id == "" || len(id) > 100 || line(id) != id }):
		return v, invalid("eform.wrong.kind", nil)
	}
	return Value{Files: slices.Clone(v.Files)}, nil
}

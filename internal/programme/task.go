package programme

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Level is the rank of those who have a task.
type Level string

// The levels. Districts ended on 1 July 2025.
const (
	Ministry Level = "ministry" // ministries, agencies of that rank, Government agencies
	Province Level = "province"
	District Level = "district"
	Commune  Level = "commune"
)

// Levels lists the levels, the highest first.
var Levels = []Level{Ministry, Province, District, Commune}

// LevelOf is the level of the agencies of a kind.
func LevelOf(k org.Kind) Level {
	switch k {
	case org.KindProvince:
		return Province
	case org.KindDistrict:
		return District
	case org.KindCommune:
		return Commune
	}
	return Ministry
}

// Kinds are the kinds of agencies of a level.
func (l Level) Kinds() []org.Kind {
	switch l {
	case Ministry:
		return []org.Kind{org.KindMinistry, org.KindGovernment}
	case Province:
		return []org.Kind{org.KindProvince}
	case District:
		return []org.Kind{org.KindDistrict}
	case Commune:
		return []org.Kind{org.KindCommune}
	}
	return nil
}

// Scope parts the tasks as the reports on Project 06 do.
type Scope string

// The scopes.
const (
	General  Scope = "general"  // nhiệm vụ chung
	Specific Scope = "specific" // nhiệm vụ cụ thể
)

// Scopes lists them.
var Scopes = []Scope{General, Specific}

// Groups are the five groups of uses of Project 06 (Quyết định 06/QĐ-TTg).
var Groups = []string{"procedures", "economy", "citizens", "data", "leadership"}

// DirectiveKind is what a directive is.
type DirectiveKind string

// The kinds of directives.
const (
	Decision DirectiveKind = "decision"
	Meeting  DirectiveKind = "meeting" // that somebody led, with a conclusion
	Letter   DirectiveKind = "letter"
)

// DirectiveKinds lists them.
var DirectiveKinds = []DirectiveKind{Decision, Meeting, Letter}

// Directive is what gives tasks, or presses for them.
type Directive struct {
	ID      string        `json:"id"`
	Kind    DirectiveKind `json:"kind"`
	Number  string        `json:"number"` // 06/QĐ-TTg; of a meeting, what it is called by
	Title   string        `json:"title"`
	Issuer  string        `json:"issuer"` // as papers write it: "Thủ tướng Chính phủ"
	Day     clock.Date    `json:"day"`
	Example bool          `json:"example,omitempty"` // made up for the demo
}

// Every is how often a task comes again.
type Every string

// How often. A task that comes again is never done as a whole: it is kept up.
const (
	Once      Every = ""
	Monthly   Every = "month"
	Quarterly Every = "quarter"
	Yearly    Every = "year"
	Always    Every = "always" // without an end and without a period
)

// Recurring lists how often, the seldom last.
var Recurring = []Every{Once, Monthly, Quarterly, Yearly, Always}

// Ends says that a task can be done: it does not come again.
func (e Every) Ends() bool { return e == Once }

// Task is what has to be done, whoever has it.
type Task struct {
	ID         string     `json:"id"`
	Code       string     `json:"code"`             // as the plan numbers it: "TW-C.17"
	Parent     string     `json:"parent,omitempty"` // the task of which it is a part
	Directives []string   `json:"directives"`       // the first gave it, the others pressed for it
	Title      string     `json:"title"`
	Result     string     `json:"result"` // to be shown
	Basis      string     `json:"basis"`
	Scope      Scope      `json:"scope"`
	Level      Level      `json:"level"` // whose it is
	Group      string     `json:"group,omitempty"`
	Lead       string     `json:"lead,omitempty"` // code of the agency that answers for the whole
	Supporting []string   `json:"supporting,omitempty"`
	Every      Every      `json:"every,omitempty"`
	From       clock.Date `json:"from"`
	Due        clock.Date `json:"due"` // of one that comes again: its last day; zero for none
	// Ended is why the whole task was withdrawn; empty while it is asked for. EndedWith is the
	// task of which it is a part, when it was withdrawn with that.
	Ended     string     `json:"ended,omitempty"`
	EndedWith string     `json:"ended_with,omitempty"`
	Sets      []Assigned `json:"sets,omitempty"`
	Example   bool       `json:"example,omitempty"`
}

// Set is some agencies, by what they are or by name. Which they are is settled on a day.
type Set struct {
	Kinds    []org.Kind `json:"kinds,omitempty"`
	Agencies []string   `json:"agencies,omitempty"`
	Under    string     `json:"under,omitempty"` // of Kinds, only those of this province's committee
	Except   []string   `json:"except,omitempty"`
}

// Assigned is a set that has a task from a day on, to another or until further notice.
type Assigned struct {
	Set
	From clock.Date `json:"from"`
	To   clock.Date `json:"to"`            // the last day; zero for none
	Why  string     `json:"why,omitempty"` // it was ended
}

// On lists the agencies of the set on a day, each once: those of its kinds first.
func (s Set) On(c Country, day clock.Date) []org.Agency {
	seen := map[string]bool{}
	for _, code := range s.Except {
		seen[code] = true
	}
	var out []org.Agency
	take := func(a org.Agency) {
		if !seen[a.Code] {
			seen[a.Code] = true
			out = append(out, a)
		}
	}
	if len(s.Kinds) > 0 {
		for _, a := range c.Of(day, s.Kinds...) {
			if s.Under == "" || committeeOf(a.Code) == s.Under {
				take(a)
			}
		}
	}
	for _, code := range s.Agencies {
		if a, ok := c.Agency(code, day); ok {
			take(a)
		}
	}
	return out
}

// committeeOf is the committee of the province in which a local agency lies by its code;
// of any other agency itself.
func committeeOf(code string) string {
	if top, _, local := org.ParseLocalCode(code); local {
		return top
	}
	return code
}

// Concerns says that one of some agencies leads the task, supports it, or is one by whose name
// it is assigned.
func (t *Task) Concerns(codes ...string) bool {
	among := func(code string) bool { return code != "" && slices.Contains(codes, code) }
	return t.IsLed(codes...) || slices.ContainsFunc(t.Sets, func(a Assigned) bool { return slices.ContainsFunc(a.Agencies, among) })
}

// IsLed says that one of some agencies leads the task or supports it.
func (t *Task) IsLed(codes ...string) bool {
	among := func(code string) bool { return code != "" && slices.Contains(codes, code) }
	return among(t.Lead) || slices.ContainsFunc(t.Supporting, among)
}

// How long the texts of a task are.
const (
	maxTitle = 600
	maxText  = 4000
	maxCode  = 40
)

// Check says what is wrong with a task that is to be saved. parent is the task of which
// it is a part, nil for none.
func (t *Task) Check(c Country, parent *Task) fault.List {
	var out fault.List
	bad := func(field, key string, args fault.Args) {
		out = append(out, fault.New(fault.Invalid, "programme.task."+key, args).At(field))
	}
	check := func(field, value string, least, most int) {
		if n := utf8.RuneCountInString(strings.TrimSpace(value)); n < least || n > most {
			bad(field, "length", fault.Args{"min": least, "max": most, "n": n})
		} else if !plain(value) {
			bad(field, "signs", nil)
		}
	}
	check("code", t.Code, 1, maxCode)
	check("title", t.Title, 5, maxTitle)
	check("result", t.Result, 0, maxText)
	check("basis", t.Basis, 0, maxTitle)
	if !slices.Contains(Scopes, t.Scope) {
		bad("scope", "scope", nil)
	}
	if !slices.Contains(Levels, t.Level) {
		bad("level", "level", nil)
	}
	if t.Group != "" && !slices.Contains(Groups, t.Group) {
		bad("group", "group", nil)
	}
	if !slices.Contains(Recurring, t.Every) {
		bad("every", "every", nil)
	}
	switch {
	case t.From.IsZero():
		bad("from", "from", nil)
	case t.Every.Ends() && t.Due.IsZero():
		bad("due", "due", nil)
	case !t.Due.IsZero() && t.Due.Before(t.From):
		bad("due", "due_before", fault.Args{"from": t.From})
	}
	if len(t.Directives) == 0 {
		bad("directive", "directive", nil)
	}
	for field, codes := range map[string][]string{"lead": {t.Lead}, "supporting": t.Supporting} {
		for _, code := range codes {
			if code == "" {
				continue
			}
			if _, ok := c.Agency(code, t.From); !ok {
				bad(field, "agency", fault.Args{"code": code, "day": t.From})
			}
		}
	}
	switch {
	case parent == nil:
	case parent.ID == t.ID || parent.Parent != "":
		bad("parent", "parent_deep", nil)
	case parent.Ended != "":
		bad("parent", "parent_withdrawn", fault.Args{"parent": parent.Code})
	case !parent.Due.IsZero() && t.Due.After(parent.Due):
		bad("due", "due_parent", fault.Args{"due": parent.Due, "parent": parent.Code})
	}
	slices.SortStableFunc(out, func(a, b *fault.Error) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// checkChange says what is wrong with a change of a task that was there, with its parts.
func (t *Task) checkChange(was *Task, parts []*Task) fault.List {
	var out fault.List
	if len(was.Sets) > 0 && t.Every != was.Every {
		out = append(out, fault.New(fault.Invalid, "programme.task.every_given", nil).At("every"))
	}
	for _, o := range parts {
		if !t.Due.IsZero() && o.Due.After(t.Due) {
			out = append(out, fault.New(fault.Invalid, "programme.task.due_part", fault.Args{"due": o.Due, "part": o.Code}).At("due"))
			break
		}
	}
	if len(parts) > 0 && t.Parent != "" {
		out = append(out, fault.New(fault.Invalid, "programme.task.parent_deep", nil).At("parent"))
	}
	return out
}

// Check says what is wrong with a directive that is to be saved.
func (d *Directive) Check(today clock.Date) fault.List {
	var out fault.List
	bad := func(field, key string, args fault.Args) {
		out = append(out, fault.New(fault.Invalid, "programme.directive."+key, args).At(field))
	}
	for field, value := range map[string]string{"number": d.Number, "title": d.Title, "issuer": d.Issuer} {
		if n := utf8.RuneCountInString(strings.TrimSpace(value)); n < 2 || n > maxTitle || !plain(value) {
			bad(field, "text", fault.Args{"max": maxTitle})
		}
	}
	if !slices.Contains(DirectiveKinds, d.Kind) {
		bad("kind", "kind", nil)
	}
	if d.Day.IsZero() || d.Day.After(today) {
		bad("day", "day", nil)
	}
	slices.SortStableFunc(out, func(a, b *fault.Error) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// plain says that a text has no signs that nobody sees.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e ||
			r >= 0x2060 && r <= 0x2069 || r == 0xfeff
	})
}

// Period is a span in which a task that comes again is to be done once.
type Period struct {
	Name     string // "2022-08", "2022-Q3", "2022"; "" of a task that is done once
	From, To clock.Date
}

// PeriodOn is the period of a task on a day. It reports false before the task's first day
// and after its last.
func (t *Task) PeriodOn(day clock.Date) (Period, bool) {
	if day.Before(t.From) || t.Ended != "" || !t.Every.Ends() && !t.Due.IsZero() && day.After(t.Due) {
		return Period{}, false
	}
	first := func(month int) clock.Date {
		return clock.MustDate(fmt.Sprintf("%04d-%02d-01", day.Year(), month))
	}
	var months int
	var p Period
	switch t.Every {
	case Monthly:
		p, months = Period{Name: day.String()[:7], From: first(int(day.Month()))}, 1
	case Quarterly:
		q := (int(day.Month()) - 1) / 3
		p, months = Period{Name: fmt.Sprintf("%04d-Q%d", day.Year(), q+1), From: first(3*q + 1)}, 3
	case Yearly:
		p, months = Period{Name: day.String()[:4], From: first(1)}, 12
	default:
		return Period{From: t.From, To: t.Due}, true
	}
	p.To = clock.DayOf(p.From.Start().In(clock.Zone).AddDate(0, months, 0)).AddDays(-1)
	if p.From.Before(t.From) {
		p.From = t.From
	}
	if !t.Due.IsZero() && t.Due.Before(p.To) {
		p.To = t.Due
	}
	return p, true
}
